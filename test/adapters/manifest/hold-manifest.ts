import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { epochMs } from '../../../src/domain/units.ts'

/** A daemon's hold on a data folder, to be killed: opens the manifest, takes a file in hand, says so, and lives on. */
const manifest = await openSqliteManifest(process.argv[2] ?? '')
await manifest.beginBoot(epochMs(1))
await manifest.add({ path: 'dock-1/model/a.csv', bytes: 3, sha256: 'a'.repeat(64), rows: 2, priority: 5 }, epochMs(2))
await manifest.claim(1, epochMs(3))
console.log('holding')
setInterval(() => undefined, 60_000)
