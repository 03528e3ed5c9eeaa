import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** What the figures were measured on; two machines' figures do not compare. */
export function hardware(): object {
  const [ffmpeg] = execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' }).split(' Copyright')
  const onnxruntime = JSON.parse(
    readFileSync(new URL('../node_modules/onnxruntime-node/package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    linux: release(),
    node: process.version,
    ffmpeg: ffmpeg?.replace('ffmpeg version ', ''),
    onnxruntime: onnxruntime.version,
  }
}
