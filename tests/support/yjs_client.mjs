// An unmodified Yjs client that does what lines of JSON on its standard input ask; each is answered with one line.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const folder = process.argv[2]
const require = createRequire(path.join(folder, 'package.json'))
const load = async name => import(pathToFileURL(require.resolve(name)))
const Y = await load('yjs')
const { WebsocketProvider } = await load('y-websocket')
const WebSocket = require('ws')

const joined = new Map()

const plain = value => {
  if (value instanceof Y.Map) return Object.fromEntries([...value.entries()].map(([k, v]) => [k, plain(v)]).sort((a, b) => a[0] < b[0] ? -1 : 1))
  if (value instanceof Y.Text) return value.toString()
  if (value instanceof Y.Array) return value.toArray().map(plain)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  return value
}
const maps = doc => Object.fromEntries([...doc.share.keys()].sort().map(name => [name, plain(doc.getMap(name))]))
const until = async (test, ms = 10000) => {
  for (const end = Date.now() + ms; !test();) {
    if (Date.now() > end) return false
    await new Promise(go => setTimeout(go, 5))
  }
  return true
}

const commands = {
  async join ({ as, url, room, clientID }) {
    const doc = new Y.Doc()
    if (clientID) doc.clientID = clientID
    const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true })
    joined.set(as, { doc, provider })
    return { synced: await until(() => provider.synced), client: doc.clientID }
  },
  async read ({ as }) { return maps(joined.get(as).doc) },
  async write ({ as, map, key, value }) { joined.get(as).doc.getMap(map).set(key, value) },
  async script ({ as, code }) { return plain(new Function('Y', 'doc', 'provider', code)(Y, joined.get(as).doc, joined.get(as).provider)) },
  async wait ({ as, map, key, value }) {
    return until(() => { const found = joined.get(as).doc.getMap(map).get(key); return value === undefined ? found !== undefined : found === value })
  },
  async aware ({ as, state }) { joined.get(as).provider.awareness.setLocalState(state) },
  async around ({ as }) { return Object.fromEntries(joined.get(as).provider.awareness.getStates()) },
  async leave ({ as }) { joined.get(as).provider.destroy(); joined.delete(as) },
  // Documents from elsewhere: all updates of each in a new Yjs document, in the order given.
  async merge ({ documents }) {
    return documents.map(updates => {
      const doc = new Y.Doc()
      for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, 'base64'))
      const pending = doc.store.pendingStructs !== null
      return { maps: maps(doc), pending, update: Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64') }
    })
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...given } = JSON.parse(line)
  try {
    process.stdout.write(JSON.stringify({ ok: await commands[what](given) ?? null }) + '\n')
  } catch (error) {
    process.stdout.write(JSON.stringify({ error: String(error && error.stack || error) }) + '\n')
  }
}
process.exit(0)
