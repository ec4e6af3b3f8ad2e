/**
 * The API {@code training.megalodon.dev/v1alpha1} as records; the CRD is generated from them.
 *
 * <p>The operator reads and writes the whole resource. The worker reads {@link
 * dev.megalodon.crds.v1alpha1.MegalodonTrainingJobSpec} from a JSON file with plain Jackson, so the
 * spec records use no Fabric8 type; their Fabric8 annotations are absent at run time, which the JVM
 * allows. Defaults live in the CRD alone: the API server fills them in, so every field that has one
 * is present in what both programs read. A component that may still be absent is marked {@link
 * org.jspecify.annotations.Nullable}.
 */
@NullMarked
package dev.megalodon.crds.v1alpha1;

import org.jspecify.annotations.NullMarked;
