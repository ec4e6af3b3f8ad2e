package dev.megalodon.e2e.images;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Writes images to archives, or pushes them to a registry; the same input gives the same bytes. */
final class ImageBuilder {
  /** Time stamp of every file and image: 1980-01-01, the earliest a zip entry can have. */
  private static final Instant FIXED_TIME = Instant.ofEpochSecond(315_532_800);

  private static final Map<String, String> OCI_ARCHITECTURES =
      Map.of("amd64", "amd64", "x86_64", "amd64", "aarch64", "arm64");

  private final Path cache;
  private final boolean insecureRegistry;

  /**
   * Makes a builder.
   *
   * @param cache folder for compressed layers, kept between builds
   * @param insecureRegistry whether to push to a registry without TLS
   */
  ImageBuilder(Path cache, boolean insecureRegistry) {
    this.cache = cache;
    this.insecureRegistry = insecureRegistry;
  }

  /**
   * Writes an image as a {@code docker load} archive, unless it is there already.
   *
   * @param reference name and tag, the tag being the image's {@link Fingerprint}
   */
  void writeArchive(ImageDefinition image, String reference, Path archive) {
    if (Files.exists(archive)) {
      return;
    }
    try {
      Files.createDirectories(archive.getParent());
      Path partial = archive.resolveSibling(archive.getFileName() + ".partial");
      containerize(image, Containerizer.to(TarImage.at(partial).named(reference)));
      Files.move(partial, archive);
    } catch (InvalidImageReferenceException e) {
      throw new ToolFailedException("not an image name: " + reference);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + archive, e);
    }
  }

  /** Pushes an image to a registry, with the credentials that {@code docker login} left. */
  void push(ImageDefinition image, String reference) {
    try {
      ImageReference target = ImageReference.parse(reference);
      CredentialRetrieverFactory credentials =
          CredentialRetrieverFactory.forImage(target, ImageBuilder::log);
      RegistryImage registryImage =
          RegistryImage.named(target).addCredentialRetriever(credentials.dockerConfig());
      containerize(image, Containerizer.to(registryImage));
    } catch (InvalidImageReferenceException e) {
      throw new ToolFailedException("not an image name: " + reference);
    }
  }

  private void containerize(ImageDefinition image, Containerizer target) {
    target
        .setBaseImageLayersCache(cache)
        .setApplicationLayersCache(cache)
        .setAllowInsecureRegistries(insecureRegistry)
        .setOfflineMode(false)
        .setToolName("megalodon")
        .addEventHandler(LogEvent.class, ImageBuilder::log);
    try {
      describe(image).containerize(target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ToolFailedException("interrupted while building " + image.name());
    } catch (IOException | CacheDirectoryCreationException e) {
      throw new ToolFailedException("cannot build " + image.name() + ": " + e.getMessage());
    } catch (RegistryException | ExecutionException e) {
      throw new ToolFailedException("cannot push " + image.name() + ": " + e.getMessage());
    }
  }

  private static JibContainerBuilder describe(ImageDefinition image) {
    JibContainerBuilder builder =
        Jib.fromScratch()
            .setPlatforms(Set.of(new Platform(architecture(), "linux")))
            .setCreationTime(FIXED_TIME)
            .setUser(image.user())
            .setEnvironment(image.environment())
            .setEntrypoint(image.entrypoint());
    image.layers().forEach(layer -> builder.addFileEntriesLayer(convert(layer)));
    return builder;
  }

  private static FileEntriesLayer convert(Layer layer) {
    FileEntriesLayer.Builder builder = FileEntriesLayer.builder().setName(layer.name());
    for (Layer.Entry entry : layer.entries()) {
      builder.addEntry(
          entry.source(),
          AbsoluteUnixPath.get(entry.target()),
          FilePermissions.fromOctalString(Integer.toOctalString(entry.mode())),
          FIXED_TIME);
    }
    return builder.build();
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return OCI_ARCHITECTURES.getOrDefault(name, name);
  }

  private static void log(LogEvent event) {
    if (event.getLevel() == LogEvent.Level.ERROR || event.getLevel() == LogEvent.Level.WARN) {
      System.err.println(event.getMessage());
    }
  }
}
