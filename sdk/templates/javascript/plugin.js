// A granted directory of the host as a file store. Put your own system in the place of `files`.

import { get } from 'tenon:connector/config@0.1.0';
import * as files from 'tenon:connector/files@0.1.0';

const SPLICE_BYTES = 1n << 20n;

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    root: { description: 'The granted root to serve.', type: 'string', minLength: 1, default: 'data' },
  },
  additionalProperties: false,
};

export const lifecycle = {
  describe: () => ({
    name: '{{name}}',
    version: '0.1.0',
    configSchema: JSON.stringify(schema),
    wants: ['files'],
  }),
  check: answered(() => {
    files.stat(root(), '');
  }),
};

export const fileStore = {
  listFolder: answered((folder, recursive, after, max) => {
    checked(folder);
    if (max === 0) throw failure('invalid', 'a page must have room for an entry');
    if (!files.stat(root(), folder).folder) return { entries: [], next: undefined };
    const entries = [];
    let seen = after === undefined;
    for (const entry of walk(folder, '', recursive)) {
      if (seen && entries.length === max) {
        return { entries, next: entries[entries.length - 1].path };
      }
      if (seen) entries.push(entry);
      seen ||= entry.path === after;
    }
    if (!seen) throw failure('conflict', 'a folder changed while it was being listed', after);
    return { entries, next: undefined };
  }),

  stat: answered((path) => entry(path, files.stat(root(), checked(path)))),

  read: answered((path, offset, into) => {
    const [status, content] = files.open(root(), checked(path), offset);
    // An error before `begin` is a status for the caller; after it, the transfer breaks.
    const body = into.begin({ size: status.size - offset, mediaType: undefined, etag: status.etag });
    try {
      // The host moves the bytes: they never enter this sandbox.
      for (;;) body.blockingSplice(content, SPLICE_BYTES);
    } catch (error) {
      if (error.payload?.tag !== 'closed') throw failure('unavailable', 'the transfer broke off', path);
    } finally {
      // Handles that wait for the garbage collector would cost the sandbox its next call.
      body[Symbol.dispose]();
      content[Symbol.dispose]();
    }
  }),

  write: answered((path, size, content) => entry(path, files.write(root(), checked(path), size, content))),

  delete: answered((path) => {
    files.remove(root(), checked(path));
  }),
};

function root() {
  return get('root') ?? 'data';
}

/** The files of a folder, then those of its folders; or what is in it, when not recursive. */
function* walk(folder, below, recursive) {
  const items = list(join(folder, below));
  for (const { name, status } of items) {
    if (!recursive || !status.folder) yield entry(join(below, name), status);
  }
  if (!recursive) return;
  for (const { name, status } of items) {
    if (status.folder) yield* walk(folder, join(below, name), recursive);
  }
}

function list(folder) {
  const items = [];
  for (;;) {
    const page = files.list(root(), folder, items[items.length - 1]?.name, 1024);
    items.push(...page);
    if (page.length < 1024) return items;
  }
}

function entry(path, { folder, size, etag }) {
  return { path, folder, size: folder ? undefined : size, etag };
}

function join(folder, name) {
  return folder && name ? `${folder}/${name}` : folder || name;
}

/** The path, if it leads nowhere else. The host refuses to leave the root in any case. */
function checked(path) {
  if (path !== '' && path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw failure('invalid', 'a path has an empty or a dot segment', path);
  }
  return path;
}

/** One of the errors of wit/types.wit. */
function failure(tag, message, subject) {
  return { tag, val: { message, subject } };
}

/** Lets an error that the host answered with pass to the caller as it is. */
function answered(operation) {
  return (...args) => {
    try {
      return operation(...args);
    } catch (error) {
      throw error.payload ?? error;
    }
  };
}
