package dev.megalodon.trainer.model;

import java.util.ArrayList;
import java.util.List;

/** All parameters of a model, in the order in which the backward pass finishes them. */
final class ParameterCatalog {
  static final String EMBEDDING = "embed.weight";
  static final String FINAL_NORM = "output.final_norm.";
  static final String OUTPUT = "output.output.weight";

  private static final double CEMA_DEVIATION = 0.2;
  private static final double OMEGA_DEVIATION = 0.25;
  private static final double OMEGA_BOUND = 1;

  private final ModelConfig config;
  private final List<ParameterSpec> specs = new ArrayList<>();

  private ParameterCatalog(ModelConfig config) {
    this.config = config;
  }

  /** A shared embedding is finished last, when the embedding's own gradient has been added. */
  static List<ParameterSpec> of(ModelConfig config) {
    ParameterCatalog catalog = new ParameterCatalog(config);
    catalog.addOutput();
    for (int layer = config.layers() - 1; layer >= 0; layer--) {
      catalog.addFeedForward(layer);
      catalog.addMega(layer);
    }
    catalog.add(EMBEDDING, catalog.token(), config.vocabSize(), config.modelDim());
    return List.copyOf(catalog.specs);
  }

  static String mega(int layer) {
    return "layers." + layer + ".mega.";
  }

  static String feedForward(int layer) {
    return "layers." + layer + ".nffn.";
  }

  private void addOutput() {
    if (!config.shareEmbedding()) {
      add(OUTPUT, token(), config.vocabSize(), config.modelDim());
    }
    addNorm(FINAL_NORM);
  }

  private void addFeedForward(int layer) {
    String prefix = feedForward(layer);
    int d = config.modelDim();
    int f = config.ffnHiddenDim();
    if (config.rescaleFfn()) {
      add(prefix + "alpha", new InitialValues.Constant(0.1 * Math.pow(0.5, layer)), d);
    }
    add(prefix + "fc2.weight", InitialValues.linear(f), d, f);
    if (config.swiglu()) {
      add(prefix + "fc3.weight", InitialValues.linear(d), f, d);
    }
    add(prefix + "fc1.weight", InitialValues.linear(d), f, d);
    addNorm(prefix + "norm.");
  }

  private void addMega(int layer) {
    String prefix = mega(layer);
    int d = config.modelDim();
    int e = config.valueDim();
    int z = config.zDim();
    add(prefix + "wh2.weight", InitialValues.linear(e), d, e);
    addLinear(prefix + "wh1.", d, d);
    addLinear(prefix + "wr.", e, d);
    add(prefix + "gamma", InitialValues.zero(), 2, z);
    add(prefix + "beta", InitialValues.zero(), 2, z);
    addLinear(prefix + "wz.", z, d);
    addLinear(prefix + "wv.", e, d);
    add(prefix + "rmsnorm.weight", InitialValues.zero(), d);
    addCema(prefix + "cema.");
    addNorm(prefix + "timenorm.");
  }

  private void addCema(String prefix) {
    int d = config.modelDim();
    int n = config.cemaDim();
    add(prefix + "alpha", new InitialValues.Normal(CEMA_DEVIATION), d, n, 1);
    add(prefix + "delta", new InitialValues.Normal(CEMA_DEVIATION), d, n, 1);
    add(prefix + "theta", new InitialValues.Frequencies(), d, 1, 1);
    add(prefix + "gamma", new InitialValues.RealNormal(1), d, n, 2);
    add(prefix + "omega", new InitialValues.TruncatedNormal(OMEGA_DEVIATION, OMEGA_BOUND), d, 1);
  }

  private void addLinear(String prefix, long out, long in) {
    add(prefix + "weight", InitialValues.linear(in), out, in);
    add(prefix + "bias", InitialValues.zero(), out);
  }

  private void addNorm(String prefix) {
    add(prefix + "weight", InitialValues.zero(), config.modelDim());
    add(prefix + "bias", InitialValues.zero(), config.modelDim());
  }

  private InitialValues token() {
    double deviation = 1 / Math.sqrt(config.modelDim());
    return new InitialValues.TruncatedNormal(deviation, 3 * deviation);
  }

  private void add(String name, InitialValues initial, long... dims) {
    specs.add(new ParameterSpec(name, initial, dims));
  }
}
