/** What the operator's image can be told to do: to run, and to check an installation. */
@NullMarked
package dev.megalodon.operator.command;

import org.jspecify.annotations.NullMarked;
