// A plugin with PJRT's C interface that computes nothing: for tests of what happens when one is hostile.
//
//   FAILING=N   function N returns an error         MAJOR=N  the major version of the interface
//   FUNCTIONS=N the functions of the table          MISSING=N  function N is a null pointer
//   ABORT_AT=N  execution N ends the process        FAILING_AT=N  execution N returns an error
//   WORDS="TEXT" what an error says
//   NO_SYMBOL, NO_TABLE, NO_CLIENT, NO_DEVICE       what is not there
//
// A host that is one of several tells the others its number, and opens when it has theirs.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>

#ifndef FAILING
#define FAILING -1
#endif
#ifndef MISSING
#define MISSING -1
#endif
#ifndef MAJOR
#define MAJOR 0
#endif
#ifndef ABORT_AT
#define ABORT_AT 0
#endif
#ifndef FAILING_AT
#define FAILING_AT 0
#endif
#ifndef FUNCTIONS
#define FUNCTIONS 118
#endif

// Every argument is a word; the first two are the size of the struct and its extensions.
typedef struct { uintptr_t w[16]; } Args;
typedef void *(*Function)(Args *);
static struct { size_t size; void *extensions; size_t versionSize; void *more; int major, minor; Function functions[118]; } table;
#ifndef WORDS
#define WORDS "the fake will not"
#endif
static const char *const message = WORDS;
static _Atomic int alive;
static int executions, compilations;
// What was run and read, in order: `N` for execution N, `<N` for a number of what execution N gave. `<0` was sent there.
static char events[1 << 16];
static void note(const char *format, int number) {
  size_t used = strlen(events);
  if (used < sizeof events - 16) sprintf(events + used, format, number);
}
const char *fake_events(void) { return events; }

// Objects that are made and not yet released: errors, clients, buffers, programs and events.
int fake_alive(void) { return alive; }
// The modules that it has compiled.
int fake_compilations(void) { return compilations; }
static uintptr_t made(void) { alive++; return (uintptr_t)calloc(1, 8); }
static void *released(Args *a) { alive--; free((void *)a->w[2]); return NULL; }

static void *succeeds(Args *a) { (void)a; return NULL; }
static void *fails(Args *a) { (void)a; return (void *)made(); }
static void *errorMessage(Args *a) {
  a->w[3] = (uintptr_t)message;
  a->w[4] = strlen(message);
  return (void *)1;   // A function that returns nothing leaves anything behind.
}
static void *makeError(int code, const char *text, size_t size) { (void)code; (void)text; (void)size; return (void *)made(); }
static void *(*errorMaker)(int, const char *, size_t) = makeError;
static int nodes = 1;
// Whether a callback found this value: get takes a time in milliseconds, try get takes none.
static int finds(Args *client, int waits, const char *key, uintptr_t milliseconds, const char *expected) {
  Args a = {{0}};
  int next = 4;
  a.w[2] = (uintptr_t)key;
  a.w[3] = strlen(key);
  if (waits) a.w[next++] = milliseconds;
  a.w[next++] = (uintptr_t)&errorMaker;
  a.w[next++] = client->w[waits ? 5 : 10];
  a.w[0] = 8 * (next + 3);
  void *error = ((Function)client->w[waits ? 4 : 9])(&a);
  if (error) {
    Args end = {{24, 0, (uintptr_t)error}};
    released(&end);
    return expected == NULL;
  }
  int same = expected && strlen(expected) == a.w[next + 1] && !memcmp((void *)a.w[next], expected, a.w[next + 1]);
  ((void (*)(char *))a.w[next + 2])((char *)a.w[next]);
  return same;
}
// The hosts by their numbers; whether all is as it should be.
static int meets(Args *client) {
  int node = -1, count = 0;
  char key[32], text[32];
  for (uintptr_t i = 0; i < client->w[3]; i++) {
    uintptr_t *option = (uintptr_t *)client->w[2] + 7 * i;
    if (option[3] == 7 && !memcmp((void *)option[2], "node_id", 7)) node = (int)option[5];
    if (option[3] == 9 && !memcmp((void *)option[2], "num_nodes", 9)) count = (int)option[5];
  }
  sprintf(key, "host/%d", node);
  sprintf(text, "I am %d", node);
  Args put = {{80, 0, (uintptr_t)key, strlen(key), (uintptr_t)text, strlen(text), (uintptr_t)&errorMaker, client->w[7]}};
  if (((Function)client->w[6])(&put)) return 0;
  for (int other = 0; other < count; other++) {
    sprintf(key, "host/%d", other);
    sprintf(text, "I am %d", other);
    if (!finds(client, 1, key, 20000, text) || !finds(client, 0, key, 0, text)) return 0;
  }
  nodes = count;
  return finds(client, 0, "absent", 0, NULL) && finds(client, 1, "absent", 20, NULL);
}
static void *clientCreate(Args *a) {
  if (a->w[4] && !meets(a)) return fails(a);
#ifdef NO_CLIENT
  a->w[8] = 0;
#else
  a->w[8] = made();
#endif
  return NULL;
}
static void *platformName(Args *a) { a->w[3] = (uintptr_t)"fake"; a->w[4] = 4; return NULL; }
static void *devices(Args *a) {
  static void *list[2] = {&list, &list};
  a->w[3] = (uintptr_t)list;
#ifdef NO_DEVICE
  a->w[4] = 0;
#else
  a->w[4] = 2;
#endif
  return NULL;
}
static void *allDevices(Args *a) { devices(a); a->w[4] *= nodes; return NULL; }
// A program holds the number of its results: each has its name in the text.
static void *compile(Args *a) {
  uintptr_t *program = (uintptr_t *)a->w[3];
  const char *text = (const char *)program[2], *end = text + program[3] - 8;
  while (text < end && memcmp(text, ") -> (", 6)) text++;
  uintptr_t outputs = 0;
  compilations++;
  for (; text < end; text++) outputs += !memcmp(text, "ebb.name", 8);
  a->w[6] = made();
  *(uintptr_t *)a->w[6] = outputs;
  return NULL;
}
static void *fromHost(Args *a) { a->w[13] = made(); a->w[14] = made(); return NULL; }
static void *execute(Args *a) {
  if (++executions == ABORT_AT) abort();
  if (executions == FAILING_AT) return fails(a);
  note("%d ", executions);
  uintptr_t **lists = (uintptr_t **)a->w[7], outputs = *(uintptr_t *)a->w[2];
  for (uintptr_t d = 0; d < a->w[5]; d++) {
    for (uintptr_t i = 0; i < outputs; i++) {
      lists[d][i] = made();
      *(int *)lists[d][i] = executions;
    }
    ((uintptr_t *)a->w[8])[d] = made();
  }
  return NULL;
}
static void *toHost(Args *a) {
  note("<%d ", *(int *)a->w[2]);
  memset((void *)a->w[4], 0x40, a->w[5]);
  a->w[6] = made();
  return NULL;
}

#ifndef NO_SYMBOL
void *GetPjrtApi(void) {
#ifdef NO_TABLE
  return NULL;
#endif
  table.size = 40 + 8 * FUNCTIONS;
  table.versionSize = 24;
  table.major = MAJOR;
  table.minor = 81;
  for (int i = 0; i < 118; i++) table.functions[i] = succeeds;
  table.functions[0] = released;
  table.functions[1] = errorMessage;
  table.functions[5] = released;
  table.functions[10] = clientCreate;
  table.functions[11] = released;
  table.functions[12] = platformName;
  table.functions[15] = allDevices;
  table.functions[16] = devices;
  table.functions[52] = devices;
  table.functions[20] = compile;
  table.functions[22] = fromHost;
  table.functions[50] = released;
  table.functions[55] = execute;
  table.functions[58] = released;
  table.functions[70] = toHost;
  if (FAILING >= 0) table.functions[FAILING] = fails;
  if (MISSING >= 0) table.functions[MISSING] = NULL;
  return &table;
}
#endif
