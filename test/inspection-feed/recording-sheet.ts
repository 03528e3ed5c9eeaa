import type { Pen, Sheet } from '../../inspector/src/timeline/pen.ts'

/** A sheet that keeps what is drawn on it, in words: `bad: 200×17 at 100,23`. */
export function recordingSheet(width: number, height: number): Sheet & { readonly drawn: readonly string[] } {
  const drawn: string[] = []
  let path: string[] = []
  const nothing = (): void => {}
  const pen: Pen = {
    ...{ fillStyle: '', strokeStyle: '', globalAlpha: 1, lineWidth: 1, font: '', textBaseline: '' },
    clearRect: () => void drawn.splice(0),
    fillRect: (x, y, wide, high) => {
      const pale = pen.globalAlpha === 1 ? '' : ` at ${pen.globalAlpha}`
      drawn.push(`${String(pen.fillStyle)}${pale}: ${wide}×${high} at ${x},${y}`)
    },
    strokeRect: (x, y, wide, high) => drawn.push(`${String(pen.strokeStyle)} outline: ${wide}×${high} at ${x},${y}`),
    beginPath: () => (path = []),
    moveTo: (x, y) => path.push(`${x},${y}`),
    lineTo: (x, y) => path.push(`${x},${y}`),
    fill: () => drawn.push(`${String(pen.fillStyle)} shape: ${path.join(' ')}`),
    stroke: () => drawn.push(`${String(pen.strokeStyle)} lines: ${path.length / 2}`),
    fillText: (text, x, y) => drawn.push(`${String(pen.fillStyle)} “${text}” at ${x},${y}`),
    measureText: (text) => ({ width: text.length * 6 }),
    ...{ rect: nothing, clip: nothing, save: nothing, restore: nothing },
  }
  return { pen, width, height, drawn }
}
