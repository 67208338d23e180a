/** What the load on the live tail and its server say to each other. */
export type ToTailServer = { readonly kind: 'act'; readonly title: string } | { readonly kind: 'measure' }

export type FromTailServer =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'acted' }
  | {
      readonly kind: 'memory'
      readonly rss: number
      readonly heapUsed: number
      readonly external: number
      readonly waiting: number
    }
