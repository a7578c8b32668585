import type { Reader, Writer } from 'protobufjs/minimal.js';

import type { MessageType } from '../../libprocess/message.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import type { FieldTable } from './field.ts';
import { messageFromJson } from './json-reader.ts';
import type { JsonOptions, Spelling } from './json-writer.ts';

/** A message type of `proto/`: its bytes and its JSON form. Objects of the type are plain and immutable. */
export interface WireType<M> extends MessageType<M> {
  /** JSON text as Mesos writes it: declaration order, defaults of the .proto shown, exact digits. */
  toJson(message: M, options?: JsonOptions): string;
  /**
   * Reads JSON text, or the value that it parses to. Understands both spellings; the option only says
   * which one errors use. Throws `MalformedMessageError` with Mesos's words.
   */
  fromJson(json: unknown, options?: JsonOptions): M;
  /** The fields in the order of the .proto. */
  fields(): FieldTable;
}

/** What the generator has to say of a message type. */
export interface GeneratedCodec<M> {
  readonly write: (message: M, writer: Writer) => void;
  readonly read: (reader: Reader, depth: number) => M;
  readonly json: (message: M, spelling: Spelling) => string;
  readonly fields: () => FieldTable;
}

class CodecType<M> implements WireType<M> {
  readonly fullName: string;
  readonly #codec: GeneratedCodec<M>;
  #fields: FieldTable | undefined;

  constructor(fullName: string, codec: GeneratedCodec<M>) {
    this.fullName = fullName;
    this.#codec = codec;
  }

  encode(message: M): Uint8Array {
    return encodeMessage(this.#codec.write, message);
  }

  decode(body: Uint8Array): M {
    return decodeMessage(this.fullName, this.#codec.read, body);
  }

  toJson(message: M, options?: JsonOptions): string {
    return this.#codec.json(message, options?.spelling ?? 'v0');
  }

  fromJson(json: unknown, options?: JsonOptions): M {
    // The reader builds exactly what the field table, made from the same .proto as M, describes.
    return messageFromJson(this.fields(), json, options?.spelling ?? 'v0') as M;
  }

  fields(): FieldTable {
    return (this.#fields ??= this.#codec.fields());
  }
}

export function wireType<M>(fullName: string, codec: GeneratedCodec<M>): WireType<M> {
  return new CodecType(fullName, codec);
}
