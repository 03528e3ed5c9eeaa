import { once } from 'node:events'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { backUp } from '../../../src/storage/back-up.ts'

/** A daemon to be killed: its start makes the copy, and what it commits once it is told to go on is never closed properly. */
const folder = process.argv[2] ?? ''
const manifest = await openSqliteManifest(folder)
const boot = await manifest.beginBoot(epochMs(1))
const report = await backUp({ disk: new NodeDisk(folder), clock: systemClock, boot, manifest, keep: 3, leaveFree: 0 })
if (report.made === undefined) throw new Error(report.why)
console.log('copied')
await once(process.stdin, 'data')
await manifest.add({ path: 'dock-1/model/b.csv', bytes: 3, sha256: 'b', rows: 2, priority: 5 }, epochMs(2))
console.log('committed')
setInterval(() => undefined, 60_000)
