package dev.megalodon.e2e.images;

/** Something this machine lacks, or a program that failed; the message says what to do. */
final class ToolFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ToolFailedException(String message) {
    super(message);
  }
}
