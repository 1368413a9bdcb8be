/*
 * A client over loopback: one thread, so many keep-alive connections, one request outstanding on each.
 *
 *   client PORT RATE CONNECTIONS SECONDS WARMUP_S REQUESTS
 *
 * RATE 0 asks as fast as answers come (a closed loop). Otherwise questions are due at a constant rate, and an answer's latency
 * is counted from when its question was due, not from when it could be sent: one that waits for a free connection is slow, and
 * one never answered counts with all the time it waited. So a server that stands still cannot hide how many it kept waiting.
 *
 * REQUESTS is a file of (length as uint32 little endian, bytes of one HTTP/1.1 request), asked in order, again and again.
 * Figures go to stdout as one line of JSON. Any answer but 200, and any connection that ends, ends the run with status 3.
 * SIGTERM ends it early, figures and all. Only 127.0.0.1 is ever spoken to.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_BYTES = 1 << 20, EVENTS = 64 };
static const uint64_t SECOND = 1000000000ull;
static const uint64_t GRACE = 2000000000ull; /* for answers that are under way at the end */

struct connection {
    int fd;
    int waits;         /* for an answer */
    int counts;        /* whether that answer is counted, or only warms up */
    uint64_t due;
    size_t have, need; /* bytes of the answer; need is 0 until its head is whole */
    char *answer;
};

static struct { char *bytes; uint32_t length; } *requests;
static size_t request_count, next_request;
static uint64_t *latencies;
static size_t counted, room;
static size_t answer_bytes, warming;
static volatile sig_atomic_t told_to_end;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void fail(const char *what, const char *more) {
    fprintf(stderr, "%s%s\n", what, more);
    exit(3);
}

static void end_early(int signal_number) {
    (void)signal_number;
    told_to_end = 1;
}

static void read_requests(const char *path) {
    FILE *file = fopen(path, "rb");
    uint32_t length;
    if (!file) fail("cannot read ", path);
    while (fread(&length, sizeof length, 1, file) == 1) {
        requests = realloc(requests, (request_count + 1) * sizeof *requests);
        requests[request_count].length = length;
        requests[request_count].bytes = malloc(length);
        if (fread(requests[request_count++].bytes, 1, length, file) != length) fail("cut short: ", path);
    }
    fclose(file);
    if (!request_count) fail("no requests in ", path);
}

static int connected(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("cannot connect: ", strerror(errno));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void ask(struct connection *one, uint64_t due, int counts) {
    const char *bytes = requests[next_request].bytes;
    size_t left = requests[next_request].length;
    next_request = (next_request + 1) % request_count;
    one->due = due;
    one->counts = counts;
    one->waits = 1;
    one->have = one->need = 0;
    while (left) {
        ssize_t sent = write(one->fd, bytes, left);
        if (sent < 0 && errno == EAGAIN) continue;
        if (sent < 0) fail("cannot send: ", strerror(errno));
        bytes += sent;
        left -= (size_t)sent;
    }
}

/* Bytes of the whole answer as its head says; 0 while the head is not whole, SIZE_MAX where chunks say where it ends. */
static size_t needed(struct connection *one) {
    char *end = strstr(one->answer, "\r\n\r\n"), *length, *chunked;
    if (!end) return 0;
    if (one->have < 13 || strncmp(one->answer + 8, " 200", 4)) fail("answered other than 200:\n", one->answer);
    *end = 0;
    length = strcasestr(one->answer, "\r\ncontent-length:");
    chunked = strcasestr(one->answer, "\r\ntransfer-encoding: chunked");
    *end = '\r';
    if (length) return (size_t)(end + 4 - one->answer) + strtoul(length + 17, NULL, 10);
    if (chunked) return SIZE_MAX;
    fail("an answer that does not say how long it is:\n", one->answer);
    return 0;
}

/* Whether the answer is whole now. */
static int answered(struct connection *one) {
    for (;;) {
        ssize_t got = read(one->fd, one->answer + one->have, ANSWER_BYTES - 1 - one->have);
        if (got < 0 && errno == EAGAIN) return 0;
        if (got <= 0) fail("the connection ended: ", got ? strerror(errno) : "the server closed it, or its answer is too long");
        one->have += (size_t)got;
        one->answer[one->have] = 0;
        if (!one->waits) fail("an answer nobody asked for:\n", one->answer);
        if (!one->need) one->need = needed(one);
        if (one->need == SIZE_MAX ? !memcmp(one->answer + one->have - 5, "0\r\n\r\n", 5) : one->need && one->have >= one->need)
            return 1;
    }
}

static void count(uint64_t latency) {
    if (counted == room) latencies = realloc(latencies, (room = room ? room * 2 : 1 << 16) * sizeof *latencies);
    latencies[counted++] = latency;
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double at(double share) { return counted ? (double)latencies[(size_t)((double)(counted - 1) * share)] / 1e3 : 0; }

int main(int argc, char **argv) {
    if (argc != 7) fail("usage: client PORT RATE CONNECTIONS SECONDS WARMUP_S REQUESTS", "");
    double rate = atof(argv[2]), seconds = atof(argv[4]), warmup = atof(argv[5]);
    int many = atoi(argv[3]), poll = epoll_create1(0), free_count = 0;
    struct connection *connections = calloc((size_t)many, sizeof *connections);
    int *free_ones = malloc((size_t)many * sizeof *free_ones);
    struct epoll_event events[EVENTS];
    read_requests(argv[6]);
    signal(SIGTERM, end_early);
    for (int i = 0; i < many; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        connections[i].fd = connected(atoi(argv[1]));
        connections[i].answer = malloc(ANSWER_BYTES);
        epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
        free_ones[free_count++] = i;
    }
    uint64_t began = now(), from = began + (uint64_t)(warmup * 1e9), until = from + (uint64_t)(seconds * 1e9), last = from;
    uint64_t issued = 0, due = began, unanswered = 0;
    for (uint64_t t = began;; t = now()) {
        if (told_to_end && t < until) until = t;
        if (rate > 0) {
            for (; free_count && due <= t && due < until; due = began + (uint64_t)((double)++issued * 1e9 / rate))
                ask(&connections[free_ones[--free_count]], due, due >= from);
            if ((due >= until && free_count == many) || t >= until + GRACE) break;
        } else {
            if (t >= until && (free_count == many || t >= until + GRACE)) break;
            while (free_count && t < until) ask(&connections[free_ones[--free_count]], t, t >= from);
        }
        /* Looking all the time, never sleeping: waking up would be measured as the server's time. */
        int ready = epoll_wait(poll, events, EVENTS, 0);
        for (int k = 0; k < ready; k++) {
            struct connection *one = &connections[events[k].data.u32];
            if (!answered(one)) continue;
            uint64_t done = now();
            one->waits = 0;
            answer_bytes = one->have;
            if (rate == 0 && done >= until) {
                /* Waited for, so that the next to measure finds the server idle; but after the end. */
            } else if (one->counts) {
                count(done - one->due);
                last = done;
            } else {
                warming++;
            }
            if (rate > 0 || done >= until) free_ones[free_count++] = (int)events[k].data.u32;
            else ask(one, done, done >= from);
        }
    }
    size_t whole = counted;
    if (rate > 0) { /* what still waits has waited at least until now, on a connection or for one */
        uint64_t end = now();
        for (int i = 0; i < many; i++)
            if (connections[i].waits && connections[i].counts) count(end - connections[i].due), unanswered++;
        for (; due < until; due = began + (uint64_t)((double)++issued * 1e9 / rate))
            if (due >= from) count(end - due), unanswered++;
    }
    qsort(latencies, counted, sizeof *latencies, by_size);
    printf("{\"answers\":%zu,\"warming\":%zu,\"unanswered\":%llu,\"a_second\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,"
           "\"p999_us\":%.1f,\"longest_us\":%.1f,\"answer_bytes\":%zu}\n",
           whole, warming, (unsigned long long)unanswered, last > from ? (double)whole * 1e9 / (double)(last - from) : 0.0, at(.5), at(.9),
           at(.99), at(.999), at(1), answer_bytes);
    return 0;
}
