// A provider that runs already, behind a socket on which it knows fewer types of resources. The AWS provider describes
// some 1,500 types to each command of Terraform, which takes both of them over two seconds of the processor's time; all
// else is passed on as it is.
// Usage: node fewer_schemas.cjs SOCKET-OF-THE-PROVIDER SOCKET BEGINNINGS-OF-TYPES…
'use strict'

const http2 = require('node:http2')
const net = require('node:net')

const [, , provider, own, ...beginnings] = process.argv
const SCHEMAS = /^\/tfplugin[56]\.Provider\/Get(Provider)?Schema$/
// Of the answer, in https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin5.proto: schemas by type
// of resources, data sources and ephemeral resources. The type is the first field of an entry.
const BY_TYPE = new Set([2, 3, 8])
const HEAD = 5 // bytes before a message in gRPC: whether it is compressed, and its length

let answer // what the provider said of its schemas, with fewer of them

function varint(bytes, start) {
  let value = 0
  for (let place = start, factor = 1; ; place += 1, factor *= 128) {
    value += (bytes[place] & 127) * factor
    if (bytes[place] < 128) return [value, place + 1]
  }
}

function kept(field, entry) {
  if (!BY_TYPE.has(field)) return true
  const [length, start] = varint(entry, 1)
  const type = entry.toString('utf8', start, start + length)
  return beginnings.some((beginning) => type.startsWith(beginning))
}

function fewer(message) {
  const parts = []
  for (let place = HEAD; place < message.length; ) {
    const [key, afterKey] = varint(message, place)
    if ((key & 7) !== 2) throw new Error(`a field of wire type ${key & 7}`)
    const [length, start] = varint(message, afterKey)
    const end = start + length
    if (kept(key >> 3, message.subarray(start, end))) parts.push(message.subarray(place, end))
    place = end
  }
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

function send(stream, { headers, body, trailers }) {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.respond(headers, { waitForTrailers: true })
  stream.end(body)
}

function passOn(stream, headers, upstream) {
  const request = upstream.request(headers, { endStream: false })
  let trailers = {}
  request.on('trailers', (given) => (trailers = given))
  request.on('error', () => stream.close(http2.constants.NGHTTP2_CANCEL))
  stream.on('error', () => request.close(http2.constants.NGHTTP2_CANCEL))
  stream.on('close', () => request.close(http2.constants.NGHTTP2_CANCEL))
  stream.pipe(request)
  request.on('response', (given, flags) => {
    if (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) {
      stream.respond(given, { endStream: true })
    } else if (SCHEMAS.test(headers[':path'])) {
      const parts = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => {
        answer = { headers: given, body: fewer(Buffer.concat(parts)), trailers }
        send(stream, answer)
      })
    } else {
      stream.on('wantTrailers', () => stream.sendTrailers(trailers))
      stream.respond(given, { waitForTrailers: true })
      request.pipe(stream)
    }
  })
}

const server = http2.createServer()
server.on('session', (session) => {
  session.upstream = http2.connect('http://provider', { createConnection: () => net.connect(provider) })
  session.upstream.on('error', () => session.destroy())
  session.on('error', () => {})
  session.on('close', () => session.upstream.destroy())
})
server.on('stream', (stream, headers) => {
  if (answer && SCHEMAS.test(headers[':path'])) send(stream, answer)
  else passOn(stream, headers, stream.session.upstream)
})
server.listen(own, () => process.stdout.write('listening\n'))
