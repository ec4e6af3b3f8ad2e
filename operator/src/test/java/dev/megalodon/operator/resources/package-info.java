/** Tests of what is made from a job. */
@NullMarked
package dev.megalodon.operator.resources;

import org.jspecify.annotations.NullMarked;
