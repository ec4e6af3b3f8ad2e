package dev.megalodon.e2e.images;

import java.util.List;
import java.util.Map;

/**
 * What an image is, before it is built.
 *
 * @param name its repository, such as {@code megalodon/trainer}
 * @param layers from the one that changes least to the one that changes most
 * @param entrypoint command, its first element an absolute path
 * @param environment variables of the process
 * @param user {@code uid:gid} of the process
 */
record ImageDefinition(
    String name,
    List<Layer> layers,
    List<String> entrypoint,
    Map<String, String> environment,
    String user) {

  ImageDefinition {
    layers = List.copyOf(layers);
    entrypoint = List.copyOf(entrypoint);
    environment = Map.copyOf(environment);
  }
}
