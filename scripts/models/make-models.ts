/**
 * Writes the bundled models into models/. The same script gives the same bytes everywhere; a test compares them with the committed files.
 *
 * Run: node --import tsx scripts/models/make-models.ts
 */
import { writeFileSync } from 'node:fs'
import { makeBeltParticles } from './belt-particles.ts'
import { makeBeltState } from './belt-state.ts'

const folder = new URL('../../models/', import.meta.url)
for (const [name, bytes] of [
  ['belt-particles.onnx', makeBeltParticles()],
  ['belt-state.onnx', makeBeltState()],
] as const) {
  writeFileSync(new URL(name, folder), bytes)
  console.log(`models/${name}: ${bytes.length} bytes`)
}
