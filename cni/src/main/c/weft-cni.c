// SPDX-License-Identifier: Apache-2.0
/*
 * The CNI plugin that runtimes start: relays environment and stdin to Weft's agent, and its answer back.
 * The wire is documented in io.weft.cni's package-info.java. No memory is allocated; what is too large is refused.
 *
 * A binary named weft-NAME talks to the agent NAME, any other one to "default". When the agent is not there, DEL
 * leaves its request as a tombstone that the agent honours when it starts, and succeeds.
 *
 *   WEFT_CNI_SOCKET      the agent's socket, else /run/weft/NAME/cni.sock
 *   WEFT_CNI_TOMBSTONES  directory, else /var/lib/weft/NAME/tombstones
 *   WEFT_CNI_TIMEOUT     seconds for everything, else 60
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#if !__STDC_HOSTED__
#include "weft-bare.h"
#endif

#define MAX_STDIN (1 << 20)    /* bytes */
#define MAX_VARIABLES (64 << 10) /* bytes */
#define VERSIONS "\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\""

extern char **environ;
static char request[MAX_VARIABLES + MAX_STDIN + 1];
static char answer[1 + MAX_STDIN + 1];
static size_t length; /* of the request */
static char version[16] = "1.1.0", socket_path[sizeof ((struct sockaddr_un *)0)->sun_path], tombstones[512];
static const char *verb;

/* Writes texts, to a NULL, one after the other; what does not fit is left out. Returns the length. */
static size_t join(char *to, size_t size, ...)
{
	va_list texts;
	size_t n = 0;
	va_start(texts, size);
	for (const char *t = va_arg(texts, const char *); t; t = va_arg(texts, const char *))
		while (*t && n < size - 1)
			to[n++] = *t++;
	va_end(texts);
	to[n] = 0;
	return n;
}

/* With at least so many digits. */
static const char *decimal(char number[24], long value, int digits)
{
	char *at = number + 23;
	*at = 0;
	for (; value > 0 || digits > 0; value /= 10, digits--)
		*--at = '0' + value % 10;
	return at;
}

static const char *error(int number)
{
	static char other[32], digits[24];
	switch (number) {
	case ENOENT: return "No such file or directory";
	case EACCES: return "Permission denied";
	case EPERM: return "Operation not permitted";
	case ECONNREFUSED: return "Connection refused";
	case EPIPE: return "Broken pipe";
	case EAGAIN: return "Resource temporarily unavailable";
	case ENOTDIR: return "Not a directory";
	case ENOSPC: return "No space left on device";
	case EROFS: return "Read-only file system";
	}
	join(other, sizeof other, "error ", decimal(digits, number, 1), NULL);
	return other;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		p += w;
		n -= w;
	}
	return 0;
}

/* msg may hold what the environment says: what would not be JSON shows as '?'. */
static void fail(int code, const char *msg)
{
	static char json[1024], plain[800], digits[24];
	size_t n = 0;
	for (; msg[n] && n < sizeof plain - 1; n++)
		plain[n] = msg[n] < ' ' || msg[n] > '~' || msg[n] == '"' || msg[n] == '\\' ? '?' : msg[n];
	n = join(json, sizeof json, "{\"cniVersion\":\"", version, "\",\"code\":", decimal(digits, code, 1),
		 ",\"msg\":\"", plain, "\"}\n", NULL);
	write_all(1, json, n);
	_exit(1);
}

static void unreachable(const char *what)
{
	static char msg[800];
	join(msg, sizeof msg, "Weft's agent: ", what, ": ", error(errno), ": start it, or try again later", NULL);
	fail(strcmp(verb, "STATUS") == 0 ? 50 : 11, msg);
}

static void on_alarm(int signal)
{
	static char late[256];
	(void)signal; /* the version is digits and dots, so this needs no formatting of doubtful text */
	write_all(1, late, join(late, sizeof late, "{\"cniVersion\":\"", version, "\",\"code\":11,\"msg\":\"Weft's agent"
				" did not answer in time (WEFT_CNI_TIMEOUT, seconds): try again later\"}\n", NULL));
	_exit(1);
}

/* The config's version, for errors: the first "cniVersion": "DIGITS.AND.DOTS". */
static void find_version(const char *config)
{
	const char *at = strstr(config, "\"cniVersion\"");
	size_t n;
	if (!at)
		return;
	at += 12;
	at += strspn(at, " \t\r\n:");
	n = *at == '"' ? strspn(at + 1, "0123456789.") : 0;
	if (n > 0 && n < sizeof version && at[1 + n] == '"') {
		memcpy(version, at + 1, n);
		version[n] = 0;
	}
}

static void add_variable(const char *name, const char *value)
{
	size_t n = strlen(name) + strlen(value) + 2;
	if (length + n + 1 > MAX_VARIABLES)
		fail(4, "the variables CNI_* are longer than 64 KiB together");
	length += join(request + length, n, name, "=", value, NULL) + 1;
}

static void read_request(const char *netns_error)
{
	static const char *const others[] = {"TRACEPARENT", "TRACESTATE", "BAGGAGE"};
	size_t variables, n = 0;
	length = join(request, sizeof request, "WEFTCNI1", NULL);
	for (char **e = environ; *e; e++) {
		if (strncmp(*e, "CNI_", 4) == 0 && strchr(*e, '=')) {
			size_t size = strlen(*e) + 1;
			if (length + size + 1 > MAX_VARIABLES)
				fail(4, "the variables CNI_* are longer than 64 KiB together");
			memcpy(request + length, *e, size);
			length += size;
		}
	}
	for (size_t i = 0; i < 3; i++)
		if (getenv(others[i]))
			add_variable(others[i], getenv(others[i]));
	if (*netns_error)
		add_variable("WEFT_CNI_NETNS_ERROR", netns_error);
	request[length++] = 0;
	variables = length;
	while (n <= MAX_STDIN) {
		ssize_t r = read(0, request + length, MAX_STDIN + 1 - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break; /* a closed stdin is as an empty one: the agent says what is missing */
		n += r;
		length += r;
	}
	if (n > MAX_STDIN)
		fail(6, "stdin: a config of more than 1 MiB");
	request[length] = 0;
	find_version(request + variables);
}

/* -1 with errno when there is no agent, or it went away before it answered. */
static ssize_t relay(int netns)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr header; } control = {0};
	struct iovec bytes = {request, length};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
	ssize_t sent, got;
	size_t n = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	strcpy(address.sun_path, socket_path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		goto gone;
	if (netns >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		control.header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &netns, sizeof netns);
	}
	do
		sent = sendmsg(fd, &message, 0);
	while (sent < 0 && errno == EINTR);
	/* one that answers without reading all has still answered */
	if (sent >= 0)
		write_all(fd, request + sent, length - sent);
	shutdown(fd, SHUT_WR);
	while (n < sizeof answer) {
		got = read(fd, answer + n, sizeof answer - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += got;
	}
	close(fd);
	errno = EPIPE;
	return n > 0 ? (ssize_t)n : -1;
gone:
	n = errno;
	close(fd);
	errno = n;
	return -1;
}

/* Durable before DEL succeeds; -1 with errno. */
static int leave_tombstone(char *path, size_t size)
{
	char temporary[640], seconds[24], nanos[24], pid[24];
	struct timespec now;
	int fd, dir;
	for (char *p = tombstones + 1; *p; p++) {
		if (*p == '/') {
			*p = 0;
			mkdir(tombstones, 0755);
			*p = '/';
		}
	}
	mkdir(tombstones, 0700);
	clock_gettime(CLOCK_REALTIME, &now);
	const char *parts[] = {decimal(seconds, now.tv_sec, 1), decimal(nanos, now.tv_nsec, 9), decimal(pid, getpid(), 1)};
	join(path, size, tombstones, "/", parts[0], ".", parts[1], "-", parts[2], NULL);
	join(temporary, sizeof temporary, tombstones, "/.", parts[0], ".", parts[1], "-", parts[2], NULL);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (write_all(fd, request, length) < 0 || fsync(fd) < 0 || close(fd) < 0 || rename(temporary, path) < 0) {
		unlink(temporary);
		return -1;
	}
	dir = open(tombstones, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : fsync(dir);
}

static int missing(const char *name)
{
	const char *value = getenv(name);
	return !value || !*value;
}

static void locate(const char *name)
{
	const char *instance = "default", *slash = strrchr(name, '/'), *given;
	name = slash ? slash + 1 : name;
	if (strncmp(name, "weft-", 5) == 0 && name[5] && name[5] != '.' && strlen(name + 5) <= 64)
		instance = name + 5;
	given = getenv("WEFT_CNI_SOCKET");
	if (given && strlen(given) >= sizeof socket_path)
		fail(4, "WEFT_CNI_SOCKET: must be a path of at most 107 bytes");
	if (given)
		strcpy(socket_path, given);
	else
		join(socket_path, sizeof socket_path, "/run/weft/", instance, "/cni.sock", NULL);
	given = getenv("WEFT_CNI_TOMBSTONES");
	if (given && (*given != '/' || strlen(given) >= sizeof tombstones))
		fail(4, "WEFT_CNI_TOMBSTONES: must be an absolute path of at most 511 bytes");
	if (given)
		strcpy(tombstones, given);
	else
		join(tombstones, sizeof tombstones, "/var/lib/weft/", instance, "/tombstones", NULL);
}

int main(int argc, char **argv)
{
	const char *netns = getenv("CNI_NETNS"), *seconds = getenv("WEFT_CNI_TIMEOUT");
	char digits[24], path[640];
	const char *netns_error = "";
	int fd = -1;
	ssize_t n;

	/* a runtime may start it with these closed; what is opened later must not take their place */
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= 2)
		;
	if (fd > 2)
		close(fd);
	fd = -1;
	verb = getenv("CNI_COMMAND");
	if (!verb || !*verb) {
		static const char about[] =
			"Weft CNI plugin\nCNI protocol versions supported: 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n";
		write_all(2, about, sizeof about - 1);
		return 0;
	}
	if (strcmp(verb, "VERSION") == 0) {
		static const char versions[] = "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[" VERSIONS "]}\n";
		write_all(1, versions, sizeof versions - 1);
		return 0;
	}
	locate(argc > 0 ? argv[0] : "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	n = seconds ? atoi(seconds) : 60;
	alarm(n > 0 && n <= 3600 ? n : 60);

	if (netns && *netns && (fd = open(netns, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
		netns_error = decimal(digits, errno, 1);
	read_request(netns_error);
	n = relay(fd);
	if (n < 0 && strcmp(verb, "DEL") == 0) {
		if (missing("CNI_CONTAINERID") || missing("CNI_IFNAME"))
			fail(4, "CNI_CONTAINERID, CNI_IFNAME: missing, or empty");
		if (leave_tombstone(path, sizeof path) < 0)
			unreachable(tombstones);
		/* an agent that came up meanwhile may have looked for tombstones before this one was there */
		n = relay(fd);
		if (n < 0)
			return 0;
		unlink(path);
	} else if (n < 0) {
		unreachable(socket_path);
	}
	write_all(1, answer + 1, n - 1);
	return (unsigned char)answer[0];
}
