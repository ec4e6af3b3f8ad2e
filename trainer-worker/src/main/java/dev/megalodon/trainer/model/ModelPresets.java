package dev.megalodon.trainer.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The models that the reference implementation defines by name, with its vocabulary of 32,000. */
public final class ModelPresets {
  private static final int VOCABULARY = 32_000;
  private static final int CEMA_DIM = 16;
  private static final int CHUNK = 2048;
  private static final double EPSILON = 1e-5;
  private static final double ROPE_BASE = 10_000;

  private static final Map<String, ModelConfig> BY_NAME = byName();

  private ModelPresets() {}

  /** All names. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  /** The preset of that name, if there is one. */
  public static Optional<ModelConfig> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  private static Map<String, ModelConfig> byName() {
    Map<String, ModelConfig> presets = new LinkedHashMap<>();
    presets.put("mega200M", preset(12, 1024, 1, 2560, 32, false, false));
    presets.put("mega1.3B", preset(24, 2048, 2, 4864, 64, false, false));
    presets.put("mega1.3B_pg19", preset(24, 2048, 2, 3584, 64, true, true));
    presets.put("mega7.1B", preset(32, 4096, 4, 11264, 64, false, false));
    presets.put("mega7.3B", preset(32, 4096, 4, 8192, 64, true, false));
    return Collections.unmodifiableMap(presets);
  }

  /** In every preset Z is a quarter of D and E is twice D. */
  private static ModelConfig preset(
      int layers, int dim, int heads, int ffn, int groups, boolean swiglu, boolean embedding) {
    return new ModelConfig(
        layers,
        dim,
        dim / 4,
        2 * dim,
        heads,
        ffn,
        CEMA_DIM,
        CHUNK,
        groups,
        EPSILON,
        VOCABULARY,
        ROPE_BASE,
        swiglu,
        false,
        embedding,
        embedding);
  }
}
