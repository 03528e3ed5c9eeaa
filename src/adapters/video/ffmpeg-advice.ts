import type { FfmpegInput } from './ffmpeg-command.ts'
import { formatsOf } from './not-as-asked.ts'

type Advice = readonly [said: RegExp, advice: (input: FfmpegInput) => string]

const always =
  (advice: string): Advice[1] =>
  () =>
    advice
const noVideo: Advice = [/^it has no video/, always('Name one that has video')]

/** By what ffmpeg said; the first that fits counts. */
const advices: Readonly<Record<FfmpegInput['type'], readonly Advice[]>> = {
  file: [
    noVideo,
    [/No such file or directory/, always("Set the camera's path to a video file that is there")],
    [/Is a directory/, always("Set the camera's path to a video file in it")],
    [/Permission denied/, always('Let the user that Belay runs as read it, and enter the folders above it')],
    [/Invalid data found/, always('It is empty, cut off, or no video that ffmpeg knows: ffprobe tells more')],
  ],
  device: [
    [/No such (file or directory|device)/, always('The cameras of this machine are listed by: ls /dev/video*')],
    [/Inappropriate ioctl|Not a video capture/, always('It is no camera. Those there are: ls /dev/video*')],
    [/Permission denied/, always('Put the user that Belay runs as into the group that may read it, commonly video')],
    [
      /Operation not permitted/,
      always(
        'What runs Belay shuts the device out: make its systemd unit anew (belay service install), or hand the device to its container',
      ),
    ],
    [
      /No such input format|Cannot find a proper format/,
      (input) => `Set the camera's format to one that it has: ${input.type === 'device' ? formatsOf(input.path) : ''}`,
    ],
    [/Device or resource busy/, always('Another program has it; which one: fuser -v')],
  ],
  rtsp: [
    noVideo,
    [/\b(453|503) /, always('It may serve as many clients as it can')],
    [
      /\b461 /,
      (input) =>
        `It does not send over ${(input.type === 'rtsp' && input.transport) || 'tcp'}: set the camera's transport to the other one`,
    ],
    [/^Invalid data /, always('What answers there may be no RTSP server')],
  ],
}

/** What an engineer would try next, given the words of an end (`endDetail`); `undefined` where nobody knows. */
export const adviceOn = (detail: string, input: FfmpegInput): string | undefined =>
  advices[input.type].find(([said]) => said.test(detail))?.[1](input)
