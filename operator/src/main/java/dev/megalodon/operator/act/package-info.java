/** The only package that writes to the API server. */
@NullMarked
package dev.megalodon.operator.act;

import org.jspecify.annotations.NullMarked;
