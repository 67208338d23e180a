/** What screens see of the engine. The shapes belong to the device, which makes them; screens import them from here. */
export type * from '../device/views'
