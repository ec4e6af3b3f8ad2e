package dev.megalodon.crds.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A training run of one Megalodon model over a fixed number of worker pods. */
@Group(MegalodonTrainingJob.GROUP)
@Version("v1alpha1")
@Kind("MegalodonTrainingJob")
@Plural("megalodontrainingjobs")
@Singular("megalodontrainingjob")
@ShortNames("mtj")
@Categories("all")
@ValidationRule(
    value =
        "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    fieldPath = ".metadata.name",
    message =
        "the name must be at most 40 lower-case letters, digits and hyphens, start with a"
            + " letter and not end with a hyphen: pods and their DNS names are made from it")
@AdditionalPrinterColumn(name = "PHASE", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "STEP", jsonPath = ".status.progress.stepOfTotal")
@AdditionalPrinterColumn(
    name = "%",
    jsonPath = ".status.progress.percent",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "LOSS",
    jsonPath = ".status.progress.loss",
    type = AdditionalPrinterColumn.Type.NUMBER)
@AdditionalPrinterColumn(
    name = "TOK/S",
    jsonPath = ".status.progress.tokensPerSecond",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "ETA", jsonPath = ".status.progress.eta")
@AdditionalPrinterColumn(
    name = "RESTARTS",
    jsonPath = ".status.restarts",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "CHECKPOINT",
    jsonPath = ".status.checkpoint.step",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public class MegalodonTrainingJob
    extends CustomResource<MegalodonTrainingJobSpec, MegalodonTrainingJobStatus>
    implements Namespaced {
  /** The API group of every kind of this project. */
  public static final String GROUP = "training.megalodon.dev";

  private static final long serialVersionUID = 1L;
}
