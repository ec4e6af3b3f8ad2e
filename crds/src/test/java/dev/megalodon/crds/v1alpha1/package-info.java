@NullMarked
package dev.megalodon.crds.v1alpha1;

import org.jspecify.annotations.NullMarked;
