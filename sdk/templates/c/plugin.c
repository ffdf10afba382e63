// A granted directory of the host as a file store. Put your own system in the place of `files`.
//
// gen/project.h is made of wit/ by the build. Strings that come in belong to the export and are freed by it;
// what it returns must come from malloc, and belongs to the caller.

#include "gen/project.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 1024
#define SPLICE_BYTES (1u << 20)

typedef project_string_t string_t;
typedef tenon_connector_types_error_t error_t;
typedef tenon_connector_files_status_t status_t;
typedef tenon_connector_files_list_item_t items_t;
typedef exports_tenon_connector_file_store_entry_t entry_t;
typedef exports_tenon_connector_file_store_page_t page_t;

static const char SCHEMA[] =
    "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"type\": \"object\", \"properties\": {"
    "\"root\": {\"description\": \"The granted root to serve.\", \"type\": \"string\", \"minLength\": 1,"
    " \"default\": \"data\"}}, \"additionalProperties\": false}";

static string_t copy(const string_t *text) {
  string_t copied;
  project_string_dup_n(&copied, (const char *)text->ptr, text->len);
  return copied;
}

static bool equal(const string_t *one, const string_t *other) {
  return one->len == other->len && memcmp(one->ptr, other->ptr, one->len) == 0;
}

// `folder/name`, where either may be empty.
static string_t join(const string_t *folder, const string_t *name) {
  size_t slash = folder->len > 0 && name->len > 0;
  string_t joined = {malloc(folder->len + slash + name->len + 1), folder->len + slash + name->len};
  memcpy(joined.ptr, folder->ptr, folder->len);
  if (slash) joined.ptr[folder->len] = '/';
  memcpy(joined.ptr + folder->len + slash, name->ptr, name->len);
  return joined;
}

// An error about `subject`, one of those of wit/types.wit whose payload is a detail.
static bool fail(error_t *error, uint8_t tag, const char *message, const string_t *subject) {
  error->tag = tag;
  project_string_dup(&error->val.invalid.message, message);
  error->val.invalid.subject.is_some = true;
  error->val.invalid.subject.val = copy(subject);
  return false;
}

// Whether a path leads nowhere else. The host refuses to leave the root in any case.
static bool check(const string_t *path, error_t *error) {
  size_t start = 0;
  for (size_t at = 0; path->len > 0 && at <= path->len; at++) {
    if (at < path->len && path->ptr[at] != '/') continue;
    size_t len = at - start;
    const uint8_t *part = path->ptr + start;
    if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.')) {
      return fail(error, TENON_CONNECTOR_TYPES_ERROR_INVALID, "a path has an empty or a dot segment", path);
    }
    start = at + 1;
  }
  return true;
}

static string_t root(void) {
  string_t key, found;
  project_string_set(&key, "root");
  if (!tenon_connector_config_get(&key, &found)) project_string_dup(&found, "data");
  return found;
}

static bool stat_of(string_t *path, status_t *status, error_t *error) {
  string_t of = root();
  bool known = tenon_connector_files_stat(&of, path, status, error);
  project_string_free(&of);
  return known;
}

// Takes what the status holds.
static void set_entry(entry_t *entry, string_t path, status_t *status) {
  entry->path = path;
  entry->folder = status->folder;
  entry->size.is_some = !status->folder;
  entry->size.val = status->size;
  entry->etag.is_some = true;
  entry->etag.val = status->etag;
}

void exports_tenon_connector_lifecycle_describe(exports_tenon_connector_lifecycle_description_t *ret) {
  project_string_dup(&ret->name, "{{name}}");
  project_string_dup(&ret->version, "0.1.0");
  project_string_dup(&ret->config_schema, SCHEMA);
  ret->wants.ptr = malloc(sizeof(string_t));
  ret->wants.len = 1;
  project_string_dup(&ret->wants.ptr[0], "files");
}

bool exports_tenon_connector_lifecycle_check(error_t *error) {
  string_t top = {NULL, 0};
  status_t status;
  if (!stat_of(&top, &status, error)) return false;
  tenon_connector_files_status_free(&status);
  return true;
}

// A listing on its way: the page so far, and what it still has to pass.
typedef struct {
  string_t folder;
  string_t *after; // the cursor; NULL once it has been passed
  bool recursive;
  uint32_t max;
  page_t *page;
  bool full;
} walk_t;

static void add(walk_t *walk, string_t path, status_t *status) {
  if (walk->after != NULL) {
    if (equal(walk->after, &path)) walk->after = NULL;
    project_string_free(&path);
    return;
  }
  if (walk->page->entries.len == walk->max) {
    walk->full = true;
    project_string_free(&path);
    return;
  }
  status_t own = *status;
  own.etag = copy(&status->etag);
  set_entry(&walk->page->entries.ptr[walk->page->entries.len++], path, &own);
}

static bool list(string_t *folder, string_t *after, items_t *items, error_t *error) {
  string_t of = root();
  bool listed = tenon_connector_files_list(&of, folder, after, ITEMS_MAX, items, error);
  project_string_free(&of);
  return listed;
}

// Passes the files of a folder, or all that is in it, and then its folders.
static bool descend(walk_t *walk, const string_t *below, error_t *error) {
  string_t folder = join(&walk->folder, below);
  bool listed = true;
  for (int folders = 0; folders <= walk->recursive && listed && !walk->full; folders++) {
    string_t last = {NULL, 0};
    size_t len = ITEMS_MAX;
    while (len == ITEMS_MAX && listed && !walk->full) {
      items_t items;
      listed = list(&folder, last.len > 0 ? &last : NULL, &items, error);
      if (!listed) break;
      len = items.len;
      project_string_free(&last);
      if (len > 0) last = copy(&items.ptr[len - 1].name);
      for (size_t at = 0; at < len && listed && !walk->full; at++) {
        string_t path = join(below, &items.ptr[at].name);
        bool is_folder = items.ptr[at].status.folder;
        if (folders && is_folder) listed = descend(walk, &path, error);
        if (folders || (walk->recursive && is_folder)) project_string_free(&path);
        else add(walk, path, &items.ptr[at].status);
      }
      tenon_connector_files_list_item_free(&items);
    }
    project_string_free(&last);
  }
  project_string_free(&folder);
  return listed;
}

static bool list_folder(string_t *path, bool recursive, string_t *after, uint32_t max, page_t *page, error_t *error) {
  status_t status;
  memset(page, 0, sizeof *page);
  if (max == 0) return fail(error, TENON_CONNECTOR_TYPES_ERROR_INVALID, "a page must have room for an entry", path);
  if (!check(path, error) || !stat_of(path, &status, error)) return false;
  bool folder = status.folder;
  tenon_connector_files_status_free(&status);
  if (!folder) return true;
  if (max > ITEMS_MAX) max = ITEMS_MAX;
  page->entries.ptr = malloc(max * sizeof(entry_t));
  walk_t walk = {*path, after, recursive, max, page, false};
  string_t top = {NULL, 0};
  bool listed = descend(&walk, &top, error);
  if (listed && walk.after != NULL) {
    listed = fail(error, TENON_CONNECTOR_TYPES_ERROR_CONFLICT, "a folder changed while it was being listed", after);
  }
  if (!listed) {
    exports_tenon_connector_file_store_page_free(page);
    return false;
  }
  if (walk.full) {
    page->next.is_some = true;
    page->next.val = copy(&page->entries.ptr[max - 1].path);
  }
  return true;
}

bool exports_tenon_connector_file_store_list_folder(string_t *path, bool recursive, string_t *maybe_after, uint32_t max,
                                                    page_t *ret, error_t *err) {
  bool listed = list_folder(path, recursive, maybe_after, max, ret, err);
  if (maybe_after != NULL) project_string_free(maybe_after);
  project_string_free(path);
  return listed;
}

bool exports_tenon_connector_file_store_stat(string_t *path, entry_t *ret, error_t *err) {
  status_t status;
  bool known = check(path, err) && stat_of(path, &status, err);
  if (known) set_entry(ret, *path, &status);
  else project_string_free(path);
  return known;
}

static bool read(const string_t *path, uint64_t offset, tenon_connector_transfer_borrow_sink_t into, error_t *err) {
  tenon_connector_files_tuple2_status_own_input_stream_t opened;
  string_t of = root();
  string_t file = *path;
  bool open = check(path, err) && tenon_connector_files_open(&of, &file, offset, &opened, err);
  project_string_free(&of);
  if (!open) return false;
  // An error before `begin` is a status for the caller; after it, the transfer breaks.
  tenon_connector_transfer_head_t head = {0};
  head.size.is_some = true;
  head.size.val = opened.f0.size - offset;
  head.etag.is_some = true;
  head.etag.val = opened.f0.etag;
  wasi_io_streams_own_output_stream_t body = tenon_connector_transfer_method_sink_begin(into, &head);
  wasi_io_streams_borrow_output_stream_t to = wasi_io_streams_borrow_output_stream(body);
  wasi_io_streams_borrow_input_stream_t from = wasi_io_streams_borrow_input_stream(opened.f1);
  // The host moves the bytes: they never enter this sandbox.
  wasi_io_streams_stream_error_t stop;
  uint64_t moved;
  while (wasi_io_streams_method_output_stream_blocking_splice(to, from, SPLICE_BYTES, &moved, &stop)) {
  }
  bool whole = stop.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
  if (!whole) fail(err, TENON_CONNECTOR_TYPES_ERROR_INTERNAL, "the transfer broke off", path);
  wasi_io_streams_stream_error_free(&stop);
  wasi_io_streams_output_stream_drop_own(body);
  wasi_io_streams_input_stream_drop_own(opened.f1);
  tenon_connector_files_status_free(&opened.f0);
  return whole;
}

// What an export was lent it gives back before it returns.
bool exports_tenon_connector_file_store_read(string_t *path, uint64_t offset,
                                             tenon_connector_transfer_borrow_sink_t into, error_t *err) {
  bool whole = read(path, offset, into, err);
  tenon_connector_transfer_sink_drop_borrow(into);
  project_string_free(path);
  return whole;
}

bool exports_tenon_connector_file_store_write(string_t *path, uint64_t *maybe_size,
                                              wasi_io_streams_borrow_input_stream_t content, entry_t *ret,
                                              error_t *err) {
  status_t status;
  string_t of = root();
  bool written = check(path, err) && tenon_connector_files_write(&of, path, maybe_size, content, &status, err);
  wasi_io_streams_input_stream_drop_borrow(content);
  project_string_free(&of);
  if (written) set_entry(ret, *path, &status);
  else project_string_free(path);
  return written;
}

bool exports_tenon_connector_file_store_delete(string_t *path, error_t *err) {
  string_t of = root();
  bool removed = check(path, err) && tenon_connector_files_remove(&of, path, err);
  project_string_free(&of);
  project_string_free(path);
  return removed;
}
