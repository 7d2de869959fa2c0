/* tests/fuzz/replay.c: runs a fuzz target over its corpus, without libFuzzer
 *
 * Linked with each tests/fuzz/fuzz_NAME.c in ordinary builds: what was once
 * found stays found, under any compiler and sanitizer.  Reports in TAP. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A copy of exactly the file's size, so that the address sanitizer sees a
 * read behind its end. */
static uint8_t *
read_whole(const char *path, size_t *n)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
	    fseek(file, 0, SEEK_SET) == 0 &&
	    (data = malloc(size > 0 ? (size_t)size : 1)) != NULL)
		*n = fread(data, 1, (size_t)size, file);
	fclose(file);
	return data;
}

static int
replay_file(const char *path)
{
	size_t n = 0;
	uint8_t *data = read_whole(path, &n);

	if (data == NULL)
		return -1;
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The working folder's files; returns how many could not be read. */
static int
replay_all(void)
{
	struct dirent **entries = NULL;
	int n = scandir(".", &entries, is_visible, alphasort);
	int failed = 0;

	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		bool ok = replay_file(name) == 0;

		printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1, name);
		fflush(stdout);
		failed += !ok;
		free(entries[i]);
	}
	free(entries);
	return n > 0 ? failed : 1;
}

int
main(void)
{
	const char *source = getenv("SRCDIR");
	char folder[4096];

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
	    source != NULL ? source : ".",
	    program_invocation_short_name + strlen("fuzz_"));
	if (chdir(folder) != 0) {
		printf("1..1\nnot ok 1 - no corpus in %s\n", folder);
		return EXIT_FAILURE;
	}
	return replay_all() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
