import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { securityHeaders } from './security-headers.ts'

/** Answers where there is no request to reply to, and closes the connection; `why`: words for whoever sent it. */
export function answerRaw(socket: Duplex, status: number, why?: string): void {
  const body = why === undefined ? '' : JSON.stringify({ error: why })
  const type = why === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  const headers = Object.entries({
    ...securityHeaders,
    ...type,
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
  })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${body}`, () => socket.destroy())
}

/** What Node could not read as a request, or not in time. Returns the status of the answer; `undefined`: nobody is there to take one. */
export function refuseUnread({ code }: NodeJS.ErrnoException, socket: Duplex): number | undefined {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return undefined
  }
  const [status, why] = refusalOf(code)
  answerRaw(socket, status, why)
  return status
}

function refusalOf(code: string | undefined): [status: number, why: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request did not come in time.']
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The head of the request is too long.']
  return [400, 'The request cannot be understood.']
}
