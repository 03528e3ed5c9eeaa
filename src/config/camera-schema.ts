import { z } from 'zod'
import { cameraIdPattern } from '../domain/ids.ts'
import { defaultPriority } from '../domain/priority.ts'
import {
  cameraUrl,
  choice,
  duration,
  flag,
  numberBetween,
  path,
  pictureSize,
  secretFile,
  secretVariable,
  text,
  url,
  wholeNumber,
} from './scalars.ts'
import { section } from './section.ts'

const loop = flag().default(false).describe('Begin again at the end, without counting it as a loss.')
const lossless = flag()
  .default(false)
  .describe('Read every frame, as fast as they can be inspected, and wait instead of dropping.')

const credentials = {
  username: text().optional().describe('User name, together with `passwordFile` or `passwordEnv`.'),
  passwordFile: secretFile().optional().describe('File that holds the password, on one line.'),
  passwordEnv: secretVariable().optional().describe('Environment variable that holds the password.'),
}

const fileSource = section({
  type: z.literal('file').describe('A video file on this machine.'),
  path: path().describe('The video file.'),
  loop,
  lossless,
})

const rtspSource = section({
  type: z.literal('rtsp').describe('A network camera.'),
  url: cameraUrl(['rtsp', 'rtsps'], 'rtsp://10.0.0.5/stream1').describe(
    'Address of the stream, without user name and password. It shows in logs and on the page. Where the camera wants them in the address, `{username}` and `{password}` stand for them: `rtsp://10.0.0.5/?user={username}&password={password}`.',
  ),
  ...credentials,
  transport: choice(['tcp', 'udp']).default('tcp').describe('How the pictures travel; `tcp` loses none on the way.'),
})

const httpSource = section({
  type: z.literal('http').describe('A video file on a web server: downloaded, kept in a cache, and read like a file.'),
  url: url(['http', 'https'], 'https://10.0.0.6/line-2.mp4').describe(
    'Address of the video, without user name and password. It shows in logs and on the page, up to a question mark. Each time that the camera opens, the server is asked whether it has another by now, where it sends an `ETag` or `Last-Modified`; where it sends neither, another video wants another address. While it cannot be reached, or the disk has no room for another, the one in the cache is used, and the log says so.',
  ),
  ...credentials,
  loop,
  lossless,
})

const formatExpected = 'a format by ffmpeg’s name, such as mjpeg, yuyv422 or h264'

const deviceSource = section({
  type: z.literal('device').describe('A camera on this machine (Video4Linux).'),
  path: path().describe('The device, such as /dev/video0.'),
  size: pictureSize().optional().describe('Picture size to ask the device for; without it the device decides.'),
  rate: numberBetween(0.1, 1000)
    .optional()
    .describe('Frames a second to ask the device for; without it the device decides.'),
  format: z
    .string({ error: formatExpected })
    .regex(/^[a-z0-9_]{1,32}$/, { error: formatExpected })
    .optional()
    .describe(
      'Pixel format or codec to ask the device for, by ffmpeg’s name, such as `mjpeg`, `yuyv422` or `h264`; without it the first that the device has, mostly a raw one, of which a USB camera sends few large pictures a second. Those it has are listed by: `ffmpeg -f v4l2 -list_formats all -i /dev/video0`.',
    ),
})

const syntheticSource = section({
  type: z.literal('synthetic').describe('A belt with particles, drawn here; for trying things out.'),
  seed: wholeNumber(0, 4_294_967_295).default(1).describe('The same seed draws the same belt.'),
  rate: numberBetween(0.1, 120).default(15).describe('Frames a second.'),
  lossless,
})

// An alternative's own complaint is the one that is shown where the value was of its kind, so it names them all.
const pictureExpected = 'auto, or a size in pixels such as 640x480, 16 to 8192 a side'
const fpsExpected = 'all, or a number from 0.01 to 1000'
const stallExpected = 'auto, or a duration from 100ms to 24h, such as 500ms, 5s, 2m or 1h'
const frozenExpected = 'off, or a duration from 1s to 24h, such as 30s, 5m or 1h'
const gateExpected = 'off, or a number of grey levels from 0.5 to 255'
const idExpected = 'an id of lower case letters, digits and dashes (not the first), at most 32, such as dock-1'

export const cameraSchema = section({
  id: z
    .string({ error: idExpected })
    .regex(cameraIdPattern, { error: idExpected })
    .describe('Name of the camera in folders, rows and logs.'),
  source: z
    .discriminatedUnion('type', [fileSource, rtspSource, httpSource, deviceSource, syntheticSource], {
      error: (issue) =>
        issue.code === 'invalid_union' ? 'file, rtsp, http, device or synthetic' : 'a map with a `type`',
    })
    .describe('Where the pictures come from.'),
  picture: z
    .union([z.literal('auto'), pictureSize(pictureExpected)], { error: pictureExpected })
    .prefault('auto')
    .describe('Size that each picture is scaled to; `auto`: the largest input of the camera’s models.'),
  fit: choice(['letterbox', 'stretch', 'cover'])
    .default('letterbox')
    .describe(
      'How a picture of another shape is fitted: with grey bars, distorted, or by its middle alone, beside which nothing is looked at.',
    ),
  crop: section({
    x: wholeNumber(0, 65_535).describe('Pixels left of it.'),
    y: wholeNumber(0, 65_535).describe('Pixels above it.'),
    width: wholeNumber(16, 65_535).describe('Pixels across.'),
    height: wholeNumber(16, 65_535).describe('Pixels down.'),
  })
    .optional()
    .describe(
      'The part of the camera’s picture that is looked at, in its pixels as `belay check` says its size (upright, and square): the rest is cut off before scaling. Boxes stay in the pixels of the whole picture.',
    ),
  fps: z
    .union([z.literal('all'), numberBetween(0.01, 1000, fpsExpected)], { error: fpsExpected })
    .default('all')
    .describe('Frames a second at most; the others are skipped.'),
  every: wholeNumber(1, 10_000).default(1).describe('Of so many frames one; the others are skipped.'),
  stallAfter: z
    .union([z.literal('auto'), duration({ min: '100ms', or: 'auto, or ' })], { error: stallExpected })
    .prefault('auto')
    .describe(
      'A stream without a picture for this long is lost; `auto`: 2 s or 6 intervals, whichever is longer, and an hour for a recording (`file`, `http`), which would begin again. Where it is more than 15 s, the first picture may take as long.',
    ),
  frozenAfter: z
    .union([z.literal('off'), duration({ min: '1s', or: 'off, or ' })], { error: frozenExpected })
    .prefault('30s')
    .describe('A stream whose pictures are the same, bit by bit, for this long is shown as `frozen`.'),
  motionGate: z
    .union([z.literal('off'), numberBetween(0.5, 255, gateExpected)], { error: gateExpected })
    .default('off')
    .describe(
      'Frames that show nothing new are not inspected, and have no rows: those in which no part differs from the last inspected frame by more than so many grey levels of 255, such as 5; `off`: all are inspected. No less than the standard deviation of the camera’s noise, or the noise is something new.',
    ),
  priority: wholeNumber(0, 9)
    .default(defaultPriority)
    .describe(
      'One more is twice the share of inference where cameras send more than it can do; files of a higher number are delivered first.',
    ),
  detect: section({
    model: text('the name of a model').describe('Name of a model of kind `detect`.'),
    scoreThreshold: numberBetween(0, 1).default(0.5).describe('Detections with a lower score are left out.'),
    iouThreshold: numberBetween(0, 1)
      .default(0.45)
      .describe(
        'Of two boxes of one label that overlap more than this, the one with the lower score is left out. Of no effect on a model that suppresses by itself (layout `end-to-end`: v10, or exported with its suppression).',
      ),
  })
    .optional()
    .describe('Look for things with this detector. A camera has one or more of `detect`, `classify` and `read`.'),
  classify: section({ model: text('the name of a model').describe('Name of a model of kind `classify`.') })
    .optional()
    .describe('Say what state the picture shows with this classifier.'),
  read: section({
    model: text('the name of a model').describe('Name of a model of kind `read`.'),
    scoreThreshold: numberBetween(0, 1).default(0.5).describe('Lines with a lower score are left out.'),
  })
    .optional()
    .describe('Read what is written in the picture. Small print needs a larger `picture`, or a `crop`.'),
})
