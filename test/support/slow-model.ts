import { makeModel } from '../workers/inference/support.ts'

/**
 * A classifier that multiplies matrices whose side follows from the brightest pixel: none for black, `rounds` of `side` for
 * white. 6 of 2,000 are 96 GFLOP, or about a second; 12 of 6,000 are 5 TFLOP, or more than a minute.
 */
export const slowOnWhite = ({ side: longest, rounds }: { side: number; rounds: number }): Uint8Array =>
  makeModel(
    (graph) => {
      const brightest = graph.op('ReduceMax', ['images'], { keepdims: { int: 0 } })
      const side = graph.op('Add', [graph.op('Mul', [brightest, graph.floats(longest)]), graph.floats(1)])
      const whole = graph.op('Unsqueeze', [graph.op('Cast', [side], { to: { int: 7 } }), graph.ints([0], [1])])
      const zeros = graph.op('ConstantOfShape', [graph.op('Concat', [whole, whole], { axis: { int: 0 } })])
      let matrix = zeros
      for (let round = 0; round < rounds; round++) matrix = graph.op('MatMul', [matrix, zeros])
      const sum = graph.op('ReduceSum', [matrix], { keepdims: { int: 0 } })
      return graph.op('Add', [graph.floats([0.5, 0.25, 0.25], [1, 3]), sum])
    },
    { outputDims: [1, 3] },
  )
