/** A nominal type over a primitive: `Brand<string, 'ConversationId'>` accepts no plain string by mistake. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };
