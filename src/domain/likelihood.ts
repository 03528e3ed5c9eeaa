/** Room for what half floats and bytes lose. */
const room = 0.01

/** Whether a model's number can be a probability: others are logits, of a head that was exported without its sigmoid or softmax. */
export const isLikelihood = (value: number): boolean => value >= -room && value <= 1 + room
