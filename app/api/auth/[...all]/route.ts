/** Sign-up, sign-in, sign-out. Edit `server/auth.ts` instead. */
import { handleAuth } from '@/server/auth-handler'

export { handleAuth as GET, handleAuth as POST }
