/** A program: opens the recording that it is given, says `open`, and waits to be killed. */
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'

const input = { type: 'file', path: process.argv[2] ?? '', loop: true } as const
const source = createFfmpegSource({ cameraId: cameraId('dock-1'), input, fit: 'stretch', clock: systemClock })
await source.open(new MemoryFrameSink({ width: 64, height: 36 }), new AbortController().signal)
console.log('open')
