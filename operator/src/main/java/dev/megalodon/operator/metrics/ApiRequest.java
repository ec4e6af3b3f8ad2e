package dev.megalodon.operator.metrics;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a request asks of the API server, in its own words.
 *
 * @param verb get, list, watch, create, update, patch, delete or deletecollection
 * @param resource plural and, behind a slash, the subresource; {@link #NO_RESOURCE} for discovery
 *     and the like
 */
record ApiRequest(String verb, String resource) {
  /** Stands for paths that name no resource. */
  static final String NO_RESOURCE = "none";

  private static final Set<String> ROOTS = Set.of("api", "apis");
  private static final String NAMESPACES = "namespaces";

  /** Where a path's parts are. */
  private record Target(String resource, boolean named) {
    static final Target NONE = new Target(NO_RESOURCE, true);
  }

  static ApiRequest of(String method, URI uri) {
    Target target = target(uri.getPath());
    return new ApiRequest(verb(method, target, uri), target.resource());
  }

  private static String verb(String method, Target target, URI uri) {
    return switch (method) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> target.named() ? "delete" : "deletecollection";
      default -> isWatch(uri) ? "watch" : target.named() ? "get" : "list";
    };
  }

  private static boolean isWatch(URI uri) {
    String query = uri.getQuery() == null ? "" : uri.getQuery();
    return Arrays.stream(query.split("&"))
        .anyMatch(parameter -> parameter.equals("watch=true") || parameter.equals("watch=1"));
  }

  /** {@code /api/v1/…} or {@code /apis/GROUP/VERSION/…}, perhaps behind a proxy's own path. */
  private static Target target(String path) {
    List<String> parts = Arrays.stream(path.split("/")).filter(part -> !part.isEmpty()).toList();
    int root = 0;
    while (root < parts.size() && !ROOTS.contains(parts.get(root))) {
      root++;
    }
    int version = root < parts.size() && parts.get(root).equals("apis") ? 2 : 1;
    return version + root + 1 < parts.size()
        ? within(parts.subList(root + version + 1, parts.size()))
        : Target.NONE;
  }

  /** {@code [namespaces/NAMESPACE/]RESOURCE[/NAME[/SUBRESOURCE]]}. */
  private static Target within(List<String> parts) {
    if (parts.getFirst().equals(NAMESPACES) && parts.size() > 2) {
      return resource(parts.subList(2, parts.size()));
    }
    return resource(parts);
  }

  private static Target resource(List<String> parts) {
    String subresource = parts.size() > 2 ? "/" + parts.get(2) : "";
    return new Target(parts.getFirst() + subresource, parts.size() > 1);
  }
}
