package io.weft.tables;

/** What an entry decides. The ordinal is the kernel's number; NONE stands for no entry. */
public enum Action {
    NONE,
    ALLOW,
    DENY
}
