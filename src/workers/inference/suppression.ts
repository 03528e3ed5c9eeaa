import { mostDetections } from '../../domain/detection-rows.ts'
import { elementTypes, type OnnxGraph, type TensorInfo, type Value } from './onnx-graph.ts'

/** A detector's output before suppression. */
export interface RawHead extends TensorInfo {
  readonly layout: 'v8' | 'v5'
  readonly classes: number
}

/** Of more candidates only the best so many are compared: what overlaps grows with their square. */
const mostCandidates = 4096
/** Each candidate is given a score for each class: fewer of them where there are more than 976 classes, so that this takes no more than 16 MB. */
const mostScores = 4_000_000

/** Both are given with each frame, since cameras differ in them. */
export const leastScore = { name: 'belay/least-score', dims: [1] } as const satisfies TensorInfo
export const mostOverlap = { name: 'belay/most-overlap', dims: [1] } as const satisfies TensorInfo
export const detections = { name: 'belay/detections', dims: [1, 'detections', 6] } as const satisfies TensorInfo

/** The first version of ONNX's operators that has all that are used here. */
export const leastOpset = 12

/**
 * Adds what makes an end-to-end output of a raw one: `[1, N, 6]`, each row left, top, right, bottom, score and class, the best first. Answers its name.
 *
 * v8 `[1, 4+classes, N]`: cx, cy, width, height and one score for each class, channel by channel. v5 `[1, N, 5+classes]`: cx, cy, width, height, objectness
 * and one score for each class; a candidate's score is objectness times class. Both take their best class, the first of equals. Candidates below `leastScore`
 * or without area are left out; of two of one class that overlap by more than `mostOverlap` the better stays, and of equals the first.
 *
 * The last row is none: it has no area, and zeros. A candidate that is not a number leaves its NaN there: such an output says nothing about the picture,
 * least of all that nothing is in it.
 */
export function suppress(graph: OnnxGraph, head: RawHead, opset: number): Value {
  const floats =
    head.type === 'float16' ? graph.op('Cast', [head.name], { to: { int: elementTypes.float32 } }) : head.name
  const { boxes, classes, objectness } = columnsOf[head.layout](graph, floats, head.classes)
  const reduce = (type: 'ReduceMax' | 'ReduceL1', value: Value, axis: number): Value =>
    opset < 18
      ? graph.op(type, [value], { axes: [axis], keepdims: { int: 1 } })
      : graph.op(type, [value, graph.ints([axis], [1])], { keepdims: { int: 1 } })

  // Everybody's best score first, which takes two passes over the output; all that follows is for the few that are likely.
  const best = reduce('ReduceMax', classes, 1)
  const score = objectness === undefined ? best : graph.op('Mul', [best, objectness])
  // The largest of numbers and a NaN may be either; their sum is NaN.
  const ones = graph.floats(Array<number>(head.classes).fill(1), [1, 1, head.classes])
  const nothing = graph.op('Mul', [graph.op('MatMul', [ones, classes]), graph.floats(0)])
  const sound = graph.op('Add', [score, nothing])
  const likely = notBelow(graph, sound, 2)
  const ofLikely = (value: Value): Value => graph.op('Gather', [value, likely], { axis: { int: 2 } })
  const [box, chance] = [ofLikely(boxes), ofLikely(sound)]
  const ofClass = graph.op('ArgMax', [ofLikely(classes)], { axis: { int: 1 }, keepdims: { int: 1 } })

  const joined = (values: readonly Value[]): Value => graph.op('Concat', values, { axis: { int: 1 } })
  const faults = reduce('ReduceL1', graph.op('Mul', [joined([box, chance]), graph.floats(0)]), 2)
  // Whatever is wrong is wrong with the score too, which is what a reader looks at first.
  const lastRow = joined([slice(graph, faults, 0, 4, 1), reduce('ReduceL1', faults, 1), graph.floats(0, [1, 1, 1])])

  // Without area, or not a number: the last of all, and below the score that suppression asks for.
  const area = graph.op('Greater', [smallerSide(graph, box), graph.floats(0)])
  const real = graph.op('And', [area, graph.op('Greater', [chance, graph.floats(-0.5)])])
  const ranked = graph.op('Where', [real, chance, graph.floats(-1)])
  const mostCompared = Math.max(mostDetections, Math.min(mostCandidates, Math.floor(mostScores / head.classes)))
  const [scores, order] = graph.op2('TopK', [ranked, atMost(graph, mostCompared, ranked, 2)], { axis: { int: 2 } })
  const inOrder = (value: Value): Value =>
    graph.op('Gather', [value, graph.op('Reshape', [order, graph.ints([-1], [1])])], { axis: { int: 2 } })
  const corners = cornersOf(graph, inOrder(box))
  const classInOrder = inOrder(ofClass)

  // One row of scores for each class, so that boxes are compared with those of their own class only.
  const everyClass = graph.ints(Array.from({ length: head.classes }, (_, at) => at), [1, head.classes, 1]) // prettier-ignore
  const byClass = graph.op('Where', [graph.op('Equal', [classInOrder, everyClass]), scores, graph.floats(-1)])
  const kept = graph.op('NonMaxSuppression', [
    graph.op('Transpose', [corners], { perm: [0, 2, 1] }),
    byClass,
    graph.ints([mostDetections], [1]),
    mostOverlap.name,
    graph.floats([-0.5], [1]),
  ])
  // It answers class by class. Places among the sorted candidates are the order of all.
  const places = graph.op('Gather', [kept, graph.ints(2)], { axis: { int: 1 } })
  const [first] = graph.op2('TopK', [places, atMost(graph, mostDetections, places, 0)], {
    axis: { int: 0 },
    largest: { int: 0 },
  })
  const asFloats = graph.op('Cast', [classInOrder], { to: { int: elementTypes.float32 } })
  const found = graph.op('Gather', [joined([corners, scores, asFloats]), first], { axis: { int: 2 } })
  const rows = graph.op('Concat', [found, lastRow], { axis: { int: 2 } })
  return graph.op('Transpose', [rows], { perm: [0, 2, 1] })
}

/** Candidates side by side. */
interface Columns {
  /** `[1, 4, N]`: cx, cy, width, height. */
  readonly boxes: Value
  /** `[1, classes, N]`. */
  readonly classes: Value
  /** `[1, 1, N]`. */
  readonly objectness?: Value
}

const columnsOf: Readonly<Record<RawHead['layout'], (graph: OnnxGraph, output: Value, classes: number) => Columns>> = {
  v8: (graph, output, classes) => ({
    boxes: slice(graph, output, 0, 4, 1),
    classes: slice(graph, output, 4, 4 + classes, 1),
  }),
  /** Turning all of it would cost more than the rest together, so first those go that are no object. */
  v5: (graph, output, classes) => {
    const likely = notBelow(graph, slice(graph, output, 4, 5, 2), 1)
    const turned = graph.op('Transpose', [graph.op('Gather', [output, likely], { axis: { int: 1 } })], {
      perm: [0, 2, 1],
    })
    return {
      boxes: slice(graph, turned, 0, 4, 1),
      objectness: slice(graph, turned, 4, 5, 1),
      classes: slice(graph, turned, 5, 5 + classes, 1),
    }
  },
}

const slice = (graph: OnnxGraph, value: Value, from: number, to: number, axis: number): Value =>
  graph.op('Slice', [value, graph.ints([from], [1]), graph.ints([to], [1]), graph.ints([axis], [1])])

/** Where along an axis `leastScore` is reached, or what stands there is not a number. */
function notBelow(graph: OnnxGraph, value: Value, axis: number): Value {
  const places = graph.op('NonZero', [graph.op('Not', [graph.op('Less', [value, leastScore.name])])])
  return graph.op('Gather', [places, graph.ints(axis)], { axis: { int: 0 } })
}

const smallerSide = (graph: OnnxGraph, boxes: Value): Value =>
  graph.op('Min', [slice(graph, boxes, 2, 3, 1), slice(graph, boxes, 3, 4, 1)])

function cornersOf(graph: OnnxGraph, boxes: Value): Value {
  const [centre, sides] = [slice(graph, boxes, 0, 2, 1), slice(graph, boxes, 2, 4, 1)]
  const half = graph.op('Mul', [sides, graph.floats(0.5)])
  return graph.op('Concat', [graph.op('Sub', [centre, half]), graph.op('Add', [centre, half])], { axis: { int: 1 } })
}

/** The length of an axis, or `most`. */
const atMost = (graph: OnnxGraph, most: number, value: Value, axis: number): Value =>
  graph.op('Min', [
    graph.ints([most], [1]),
    graph.op('Gather', [graph.op('Shape', [value]), graph.ints([axis], [1])], { axis: { int: 0 } }),
  ])
