/**
 * What many jobs cost the operator and the API server: thousands of pods on nodes that KWOK plays,
 * whose workers answer but do not train.
 */
@NullMarked
package dev.megalodon.e2e.scale;

import org.jspecify.annotations.NullMarked;
