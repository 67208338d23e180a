import { Application } from '@/app/_screens/application'

/** The one static page of the application. Places within it stand behind the `#`: see `app/_screens/route.ts`. */
export default function Page() {
  return <Application />
}
