#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

/* Where the sockets are: YINXIN_TOKEN, a list like PATH; else the lines "socket = PATH" of the file that YINXIN_TOKEN_CONF names, or of DEFAULT_CONF; else
 * DEFAULT_SOCKET. Each is a slot. How long an answer may take: YINXIN_TOKEN_TIMEOUT_MS, or a line "timeout_ms = N". */
#define DEFAULT_CONF "/etc/yinxin/token.conf"
#define DEFAULT_SOCKET "/run/yinxin/token.sock"

enum { DEFAULT_TIMEOUT = 30000, MIN_TIMEOUT = 10, MAX_TIMEOUT = 600000 };

static void add_slot(module_state *m, const char *path, size_t n)
{
	if (n == 0 || n >= MAX_PATH || m->count >= MAX_SLOTS)
		return;
	memcpy(m->slots[m->count].path, path, n);
	m->slots[m->count].path[n] = '\0';
	m->count++;
}

static void add_list(module_state *m, const char *list)
{
	for (;;) {
		size_t n = strcspn(list, ":");
		add_slot(m, list, n);
		if (list[n] == '\0')
			return;
		list += n + 1;
	}
}

static void set_timeout(module_state *m, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);
	if (end != text && n >= MIN_TIMEOUT && n <= MAX_TIMEOUT)
		m->timeout = n;
}

/* value_of gives what stands behind "name =", without the spaces round it, or NULL. */
static char *value_of(char *line, const char *name)
{
	while (isspace((unsigned char)*line))
		line++;
	size_t n = strlen(name);
	if (strncmp(line, name, n) != 0)
		return NULL;
	line += n;
	while (isspace((unsigned char)*line))
		line++;
	if (*line++ != '=')
		return NULL;
	while (isspace((unsigned char)*line))
		line++;
	for (n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]); n--)
		line[n - 1] = '\0';
	return line;
}

static void read_file(module_state *m, const char *path, bool sockets)
{
	char line[512], *value;
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL) {
		if (sockets && (value = value_of(line, "socket")) != NULL)
			add_slot(m, value, strlen(value));
		else if ((value = value_of(line, "timeout_ms")) != NULL)
			set_timeout(m, value);
	}
	fclose(f);
}

void config_read(module_state *m)
{
	const char *list = secure_getenv("YINXIN_TOKEN"), *conf = secure_getenv("YINXIN_TOKEN_CONF"), *timeout = secure_getenv("YINXIN_TOKEN_TIMEOUT_MS");
	m->timeout = DEFAULT_TIMEOUT;
	if (list != NULL)
		add_list(m, list);
	read_file(m, conf != NULL ? conf : DEFAULT_CONF, list == NULL);
	if (timeout != NULL)
		set_timeout(m, timeout);
	if (m->count == 0)
		add_slot(m, DEFAULT_SOCKET, strlen(DEFAULT_SOCKET));
}
