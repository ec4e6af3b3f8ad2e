/** What whoever installs the operator may set. */
@NullMarked
package dev.megalodon.operator.config;

import org.jspecify.annotations.NullMarked;
