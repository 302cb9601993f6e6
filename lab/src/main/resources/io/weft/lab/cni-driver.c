// SPDX-License-Identifier: Apache-2.0
/*
 * Calls a CNI plugin as a runtime does, and prints how long each call took:
 *
 *   cni-driver churn|add|del PLUGIN CONFIG NETNS_PREFIX FIRST COUNT WORKERS
 *
 * Containers are FIRST to FIRST + COUNT - 1, each with the namespace NETNS_PREFIX and its number modulo 200. churn calls ADD and
 * DEL for each. A line for each call, "ADD 1234567" in nanoseconds from vfork(2) to waitpid(2); at last "WALL" and
 * the time from first to last. Variables that begin with WEFT_ go on to the plugin. A call that fails ends all.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static char config[1 << 16];
static size_t config_length;
static const char *plugin, *prefix;

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void call(const char *verb, int number)
{
	static char command[64], container[64], netns[256], answer[1 << 16];
	char *variables[32], *arguments[] = { (char *)plugin, NULL };
	int in[2], out[2], n = 0, status;
	ssize_t length = 0, got;
	long long start;
	char line[64];
	pid_t child;

	snprintf(command, sizeof command, "CNI_COMMAND=%s", verb);
	snprintf(container, sizeof container, "CNI_CONTAINERID=lab-%d", number);
	snprintf(netns, sizeof netns, "CNI_NETNS=%s%d", prefix, number % 200);
	variables[n++] = command;
	variables[n++] = container;
	variables[n++] = netns;
	variables[n++] = "CNI_IFNAME=eth0";
	variables[n++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	for (char **e = environ; *e && n < 30; e++)
		if (!strncmp(*e, "WEFT_", 5) || !strncmp(*e, "CNI_PATH=", 9))
			variables[n++] = *e;
	variables[n] = NULL;
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		die("pipe2");
	start = now();
	child = vfork();
	if (child < 0)
		die("vfork");
	if (!child) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execve(plugin, arguments, variables);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	if (write(in[1], config, config_length) != (ssize_t)config_length)
		die("write to the plugin");
	close(in[1]);
	while ((got = read(out[0], answer + length, sizeof answer - 1 - length)) > 0)
		length += got;
	answer[length] = 0;
	close(out[0]);
	if (waitpid(child, &status, 0) < 0)
		die("waitpid");
	start = now() - start;
	if (status) {
		fprintf(stderr, "%s lab-%d: status %d: %s\n", verb, number, status, answer);
		exit(1);
	}
	n = snprintf(line, sizeof line, "%s %lld\n", verb, start);
	if (write(1, line, n) != n)
		die("write");
}

static void work(const char *mode, int first, int count, int worker, int workers)
{
	for (int i = worker; i < count; i += workers) {
		if (strcmp(mode, "del"))
			call("ADD", first + i);
		if (strcmp(mode, "add"))
			call("DEL", first + i);
	}
}

int main(int argc, char **argv)
{
	int first, count, workers, status, failed = 0, file;
	long long start;

	if (argc != 8)
		return 2;
	plugin = argv[2];
	prefix = argv[4];
	first = atoi(argv[5]);
	count = atoi(argv[6]);
	workers = atoi(argv[7]);
	file = open(argv[3], O_RDONLY | O_CLOEXEC);
	if (file < 0 || (config_length = read(file, config, sizeof config)) <= 0)
		die(argv[3]);
	start = now();
	if (workers == 1) {
		work(argv[1], first, count, 0, 1);
	} else {
		for (int w = 0; w < workers; w++)
			if (!fork()) {
				work(argv[1], first, count, w, workers);
				_exit(0);
			}
		while (wait(&status) > 0)
			failed |= status;
	}
	printf("WALL %lld\n", now() - start);
	return failed ? 1 : 0;
}
