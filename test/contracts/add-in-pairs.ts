import { openSqliteManifest } from '../../src/adapters/manifest/open-manifest.ts'
import { epochMs } from '../../src/domain/units.ts'
import { pair } from './pairs.ts'

/** A process to be killed: takes in pair after pair, both of a pair in the same turn, and says each that it knows to be there. */
const manifest = await openSqliteManifest(process.argv[2] ?? '')
await manifest.beginBoot(epochMs(1))
for (let number = 1; ; number++) {
  await Promise.all(pair(number).map((file) => manifest.add(file, epochMs(number))))
  console.log(number)
}
