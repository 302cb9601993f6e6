# Sourced by ./weft and ./check: sets JAVA_HOME to a JDK 25, or says what is missing and ends with 3.

weft_is_jdk25() {
  [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$1/release" 2>/dev/null
}

weft_find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* /opt/jdk* \
    "$HOME"/.sdkman/candidates/java/25* "$HOME"/.jdks/*25*; do
    if [ -n "$home" ] && weft_is_jdk25 "$home"; then
      export JAVA_HOME="$home"
      return 0
    fi
  done
  echo "weft: no JDK 25 found (looked at JAVA_HOME, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks): install one or set JAVA_HOME" >&2
  exit 3
}
