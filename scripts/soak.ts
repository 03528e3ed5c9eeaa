/**
 * Loses the streams of real cameras again and again and counts what is left behind: processes, open files, memory. `--write` puts the table into
 * docs/soak.md.
 *
 *     npm run soak -- [--reconnects 10000] [--cameras 4] [--write]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hardware } from './hardware.ts'
import { drawGrey, makeClip } from '../test/support/make-clip.ts'
import { type SoakSample, soak } from '../test/support/reconnects.ts'
import { CommandLine } from './command-line.ts'

const line = new CommandLine('soak')
const values = line.options({
  reconnects: { type: 'string', default: '10000' },
  cameras: { type: 'string', default: '4' },
  write: { type: 'boolean', default: false },
})
const rounds = 10
const reconnects = line.wholeNumber('reconnects', values.reconnects)
const cameras = line.wholeNumber('cameras', values.cameras)
if (reconnects % (rounds * cameras) !== 0) {
  const multiple = `a multiple of ${rounds * cameras}, which is ${rounds} rounds of --cameras ${cameras}`
  line.refuse(`--reconnects ${reconnects}: expected ${multiple}`)
}

const header = [
  '| reconnects | pictures | open files | child processes | used MiB | resident MiB |',
  '|---|---|---|---|---|---|',
]
const row = ({ reconnects, pictures, openFiles, children, usedMiB, residentMiB }: SoakSample): string =>
  `| ${[reconnects, pictures, openFiles, children, usedMiB.toFixed(1), residentMiB.toFixed(1)].join(' | ')} |`

const folder = await mkdtemp(join(tmpdir(), 'belay-soak-'))
try {
  const h264File = join(folder, 'grey.h264')
  await makeClip(h264File, { size: { width: 64, height: 64 }, rate: 20, frames: 40, draw: drawGrey })
  console.log(header.join('\n'))
  const rows: string[] = []
  const options = { h264File, fps: 20, cameras, reconnectsInRound: reconnects / rounds, rounds }
  for await (const sample of soak(options)) {
    rows.push(row(sample))
    console.log(rows.at(-1))
  }
  if (values.write) await writeFile(new URL('../docs/soak.md', import.meta.url), page([...header, ...rows]))
} finally {
  await rm(folder, { recursive: true, force: true })
}

function page(table: readonly string[]): string {
  const { cpu, cores, linux, node, ffmpeg } = hardware() as Record<string, string | number>
  return `# Soak

Made by \`npm run soak -- --reconnects ${reconnects} --cameras ${cameras} --write\`: the actors of ${cameras} RTSP cameras, each with its ffmpeg, lose their streams, nine times by the server's
hand and the tenth by SIGKILL to ffmpeg. After each tenth part everything is drained, and what this process still holds is counted: open files,
processes it started (zombies too), what JavaScript uses after a collection, and resident memory.

On ${cpu}, ${cores} cores, Linux ${linux}, Node ${node}, ffmpeg ${ffmpeg}.

${table.join('\n')}
`
}
