/* sh – /bin/sh of the busybox image. The specs need two things of it that no shell of Debian gives at once: busybox's
   words in its errors, and environment variables whose names are no identifiers (legal in Kubernetes) handed on to
   children, which Debian's busybox drops. So: bash where such a variable is present, busybox's own shell elsewhere. */
#include <ctype.h>
#include <unistd.h>

extern char **environ;

static int is_identifier(const char *variable) {
  if (!isalpha((unsigned char)*variable) && *variable != '_') return 0;
  while (isalnum((unsigned char)*variable) || *variable == '_') variable++;
  return *variable == '=';
}

int main(int argc, char **argv) {
  (void)argc;
  const char *shell = "/bin/busybox";
  for (char **variable = environ; *variable; variable++)
    if (!is_identifier(*variable)) shell = "/bin/bash";
  execv(shell, argv);
  return 127;
}
