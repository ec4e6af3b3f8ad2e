/** Manifests of jobs, as people write them and before an API server has seen them. */
@NullMarked
package dev.megalodon.crds.manifest;

import org.jspecify.annotations.NullMarked;
