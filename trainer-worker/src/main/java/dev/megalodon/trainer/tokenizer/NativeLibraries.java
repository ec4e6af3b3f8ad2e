package dev.megalodon.trainer.tokenizer;

/**
 * How the Deep Java Library loads its native parts: from its jars only, nothing is downloaded and
 * nothing is reported. They are unpacked once, into {@code DJL_CACHE_DIR} (environment or system
 * property) or else into the folder for temporary files, so a read-only root file system and a user
 * without a home will do.
 */
final class NativeLibraries {
  private static final String CACHE = "DJL_CACHE_DIR";

  private NativeLibraries() {}

  /** To be called before anything of the library is. */
  static void configure() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    // Processors only: otherwise it looks for CUDA.
    System.setProperty("RUST_FLAVOR", "cpu");
    if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
      System.setProperty(CACHE, System.getProperty("java.io.tmpdir") + "/megalodon-natives");
    }
  }
}
