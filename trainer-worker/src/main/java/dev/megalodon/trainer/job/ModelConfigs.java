package dev.megalodon.trainer.job;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.ModelDimensions;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.ModelConfig;

/**
 * From the dimensions that a job names, by preset or one by one, to a model's configuration. The
 * published sizes stand once, in {@link dev.megalodon.crds.v1alpha1.ModelPreset}.
 */
public final class ModelConfigs {
  private ModelConfigs() {}

  /**
   * The model of these dimensions.
   *
   * @throws WorkerExit {@code BAD_SPEC} naming the field that cannot be
   */
  public static ModelConfig of(ModelDimensions dimensions) {
    try {
      return new ModelConfig(
          dimensions.layers(),
          dimensions.modelDim(),
          dimensions.zDim(),
          dimensions.valueDim(),
          dimensions.heads(),
          dimensions.ffnHiddenDim(),
          dimensions.cemaDim(),
          dimensions.chunkSize(),
          dimensions.normGroups(),
          dimensions.normEpsilon(),
          dimensions.vocabSize(),
          dimensions.ropeBase(),
          dimensions.swiglu(),
          dimensions.rescaleFfn(),
          dimensions.scaleEmbedding(),
          dimensions.shareEmbedding());
    } catch (IllegalArgumentException e) {
      throw new WorkerExit(ExitCode.BAD_SPEC, "spec." + e.getMessage(), e);
    }
  }
}
