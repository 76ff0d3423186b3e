// An HTTP/2 client for tests that sends whatever it is told.
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { flags, frameTypes, preface } from '../constants.js';

/** A client that sends whatever it is told. */
export class Raw {
  #received = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  ended = false;

  private constructor(private readonly socket: TLSSocket) {
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.#wake?.();
    });
  }

  static async open(port: number, greet = true): Promise<Raw> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    const raw = new Raw(socket);
    if (greet) {
      socket.write(preface);
      raw.send(frameTypes.settings, 0, 0, '');
    }
    return raw;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  send(type: number, flag: number, stream: number, payload: Uint8Array | string): void {
    const body = Buffer.from(payload as string);
    const head = Buffer.alloc(9);
    head.writeUIntBE(body.length, 0, 3);
    head[3] = type;
    head[4] = flag;
    head.writeUInt32BE(stream, 5);
    this.socket.write(Buffer.concat([head, body]));
  }

  headers(stream: number, fields: readonly (readonly [string, string])[], endStream: boolean): void {
    const text = (value: string): Buffer => {
      const length: number[] = value.length < 127 ? [value.length] : [127];
      if (value.length >= 127) {
        let rest = value.length - 127;
        for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
        length.push(rest);
      }
      return Buffer.concat([Buffer.from(length), Buffer.from(value, 'latin1')]);
    };
    const block = Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
    for (let at = 0; at < block.length; at += 16_000) {
      const last = at + 16_000 >= block.length;
      const flag = (last ? flags.endHeaders : 0) | (at === 0 && endStream ? flags.endStream : 0);
      this.send(at === 0 ? frameTypes.headers : frameTypes.continuation, flag, stream, block.subarray(at, at + 16_000));
    }
  }

  /** The payload of the next frame of a type; undefined when the connection ends before. */
  async frame(type: number): Promise<Buffer | undefined> {
    for (;;) {
      while (this.#received.length >= 9) {
        const length = this.#received.readUIntBE(0, 3);
        if (this.#received.length < 9 + length) break;
        const [got, payload] = [this.#received[3], this.#received.subarray(9, 9 + length)];
        this.#received = this.#received.subarray(9 + length);
        if (got === type) return payload;
      }
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The error code that the server says goodbye with. */
  async goodbye(): Promise<number | undefined> {
    return (await this.frame(frameTypes.goAway))?.readUInt32BE(4);
  }

  end(): void {
    this.socket.destroy();
  }
}
