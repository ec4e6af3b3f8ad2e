package dev.megalodon.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/** A short name for everything that goes into an image: same name, same image. */
final class Fingerprint {
  private static final int HEX_DIGITS = 12;

  private final MessageDigest digest;

  private Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Names an image by its content.
   *
   * @return 12 hexadecimal digits
   */
  static String of(ImageDefinition image) {
    Fingerprint fingerprint = new Fingerprint();
    fingerprint.add(image.entrypoint() + image.user() + new TreeMap<>(image.environment()));
    image.layers().forEach(fingerprint::add);
    return HexFormat.of().formatHex(fingerprint.digest.digest()).substring(0, HEX_DIGITS);
  }

  private void add(Layer layer) {
    add(layer.name());
    for (Layer.Entry entry : layer.entries()) {
      add(entry.target() + entry.mode());
      if (Files.isRegularFile(entry.source())) {
        add(entry.source());
      }
    }
  }

  private void add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private void add(Path file) {
    try {
      digest.update(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
