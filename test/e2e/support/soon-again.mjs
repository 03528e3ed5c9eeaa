// Loaded before the daemon: what failed it tries again within two seconds, where no configuration makes the waits shorter.
import { retries } from '../../../dist/slots/retries.js'

for (const backoff of Object.values(retries)) {
  backoff.initial = Math.min(backoff.initial, 1_000)
  backoff.max = Math.min(backoff.max, 2_000)
}
