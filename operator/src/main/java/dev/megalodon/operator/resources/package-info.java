/** From the custom resource to the objects it wants. Pure. */
@NullMarked
package dev.megalodon.operator.resources;

import org.jspecify.annotations.NullMarked;
