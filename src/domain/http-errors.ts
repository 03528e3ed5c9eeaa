import { OperatingError } from './errors.ts'

/** Another program listens on the port. */
export class HttpPortTakenError extends OperatingError {
  readonly code = 'http.port-taken'
  constructor(
    readonly host: string,
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(
      `Port ${port} of ${host} is taken by another program. Set http.port to a free one, or find the program: ss -ltnp 'sport = :${port}'`,
      options,
    )
  }
}

/** The address cannot be listened on for another reason than a taken port. */
export class HttpBindError extends OperatingError {
  readonly code = 'http.bind'
  constructor(
    readonly host: string,
    readonly port: number,
    readonly systemCode: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot listen on ${host}, port ${port}: ${hints[systemCode] ?? systemCode}`, options)
  }
}

const hints: Readonly<Record<string, string>> = {
  EACCES: 'EACCES, not allowed. Ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher http.port',
  EADDRNOTAVAIL:
    'EADDRNOTAVAIL, no network interface here has this address. Set http.host to one that `ip address` shows',
  ENOTFOUND: 'ENOTFOUND, the host name is not known here. Set http.host to an address',
}

/** No JPEG can be made of a camera's picture here. Inference has nothing to do with it, and goes on. */
export class PreviewError extends OperatingError {
  readonly code = 'http.preview'
  constructor(
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`The preview cannot be made: ${detail}. Inspection goes on without it`, options)
  }
}
