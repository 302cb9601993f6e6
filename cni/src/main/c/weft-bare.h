/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What weft-cni.c needs of the C library, for x86-64 and without it. That library's start asks the processor what it
 * is (CPUID) some dozens of times; in a virtual machine each is a trap to the hypervisor, all together more than the
 * rest of a call. The headers are the library's, the definitions are here.
 */
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define SA_RESTORER 0x04000000 /* arch/x86/include/uapi/asm/signal.h */

#undef errno
static int bare_errno;
#define errno bare_errno

int main(int argc, char **argv);
char **environ;

/* The kernel leaves argc, argv and the environment on the stack (System V ABI, AMD64, 3.4.1). */
__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call bare_start\n");

static long call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	if (result < 0 && result > -4096) {
		errno = -result;
		return -1;
	}
	return result;
}

void _exit(int code)
{
	call(SYS_exit_group, code, 0, 0, 0);
	__builtin_unreachable();
}

__attribute__((used)) void bare_start(long *stack)
{
	char **argv = (char **)(stack + 1);
	environ = argv + stack[0] + 1;
	_exit(main(stack[0], argv));
}

ssize_t read(int fd, void *to, size_t n) { return call(SYS_read, fd, (long)to, n, 0); }
ssize_t write(int fd, const void *from, size_t n) { return call(SYS_write, fd, (long)from, n, 0); }
int close(int fd) { return call(SYS_close, fd, 0, 0, 0); }
int fsync(int fd) { return call(SYS_fsync, fd, 0, 0, 0); }
int socket(int family, int type, int protocol) { return call(SYS_socket, family, type, protocol, 0); }
int shutdown(int fd, int how) { return call(SYS_shutdown, fd, how, 0, 0); }
int mkdir(const char *path, mode_t mode) { return call(SYS_mkdir, (long)path, mode, 0, 0); }
int rename(const char *from, const char *to) { return call(SYS_rename, (long)from, (long)to, 0, 0); }
int unlink(const char *path) { return call(SYS_unlink, (long)path, 0, 0, 0); }
int clock_gettime(clockid_t clock, struct timespec *now) { return call(SYS_clock_gettime, clock, (long)now, 0, 0); }
pid_t getpid(void) { return call(SYS_getpid, 0, 0, 0, 0); }
unsigned alarm(unsigned seconds) { return call(SYS_alarm, seconds, 0, 0, 0); }

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
	return call(SYS_connect, fd, (long)address, size, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return call(SYS_sendmsg, fd, (long)message, flags, 0);
}

int open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode = 0;
	va_start(more, flags);
	if (flags & O_CREAT)
		mode = va_arg(more, mode_t);
	va_end(more);
	return call(SYS_open, (long)path, flags, mode, 0);
}

/* The kernel wants one; the handlers here never return. */
static void restorer(void)
{
	_exit(1);
}

sighandler_t signal(int number, sighandler_t handler)
{
	struct {
		sighandler_t handler;
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = {handler, SA_RESTORER, restorer, 0};
	call(SYS_rt_sigaction, number, (long)&action, 0, sizeof action.mask);
	return handler;
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *end = to;
	__asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *end = to;
	__asm__ volatile("rep stosb" : "+D"(end), "+c"(n) : "a"(byte) : "memory");
	return to;
}

size_t strlen(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] || !a[i])
			return (unsigned char)a[i] - (unsigned char)b[i];
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *text, int c)
{
	for (;; text++)
		if (*text == (char)c)
			return (char *)text;
		else if (!*text)
			return NULL;
}

char *strrchr(const char *text, int c)
{
	char *last = NULL;
	for (; *text; text++)
		if (*text == (char)c)
			last = (char *)text;
	return last;
}

char *strstr(const char *text, const char *part)
{
	size_t n = strlen(part);
	for (; *text; text++)
		if (strncmp(text, part, n) == 0)
			return (char *)text;
	return NULL;
}

size_t strspn(const char *text, const char *of)
{
	size_t n = 0;
	while (text[n] && strchr(of, text[n]))
		n++;
	return n;
}

char *strcpy(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

char *getenv(const char *name)
{
	size_t n = strlen(name);
	for (char **e = environ; *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

int atoi(const char *text)
{
	int value = 0;
	for (; *text >= '0' && *text <= '9' && value < 100000; text++)
		value = value * 10 + *text - '0';
	return value;
}
